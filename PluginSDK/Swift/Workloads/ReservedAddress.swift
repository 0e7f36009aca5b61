import JSON

/// A public address that the contract reserves.
public struct ReservedAddress: Sendable, Hashable {
    /// Address and prefix length, as text.
    public let ip: String
    public let gateway: String

    public init(ip: String, gateway: String) {
        self.ip = ip
        self.gateway = gateway
    }

    init(_ json: JSONValue) throws { self.init(ip: try json.text("ip"), gateway: json["gateway"]?.stringValue ?? "") }
}
