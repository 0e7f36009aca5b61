import JSON

/// The node's answer to a call.
public struct HostReply: Sendable {
    public let payload: JSONValue
    public let descriptors: [Descriptor]

    public init(_ payload: JSONValue = [:], descriptors: [Descriptor] = []) {
        self.payload = payload
        self.descriptors = descriptors
    }
}
