import JSON

/// A call that a plugin has made.
public struct RecordedCall: Sendable, Hashable {
    public let service: String
    public let workload: String?
    public let request: JSONValue

    public init(service: String, workload: String?, request: JSONValue) {
        self.service = service
        self.workload = workload
        self.request = request
    }

    /// A text of the request.
    public subscript(member: String) -> String? { request[member]?.stringValue }
}
