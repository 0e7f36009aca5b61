import JSON

/// A call whose plugin and workload have been checked.
struct BrokerCall: Sendable {
    let rights: PluginRights
    /// The plugin's own workload that it acts for; nil for the plugin's own business.
    let subject: Subject?
    let request: JSONValue
    let descriptors: [OwnedDescriptor]

    var plugin: String { rights.plugin }
    var workload: String? { subject?.id }

    /// - Throws: `denied` unless the manifest has the entitlement.
    @discardableResult
    func parameters(of entitlement: String) throws(HostingError) -> JSONValue {
        guard let parameters = rights.entitlements[entitlement] else {
            throw HostingError(
                .denied, "plugin \(plugin) has no entitlement \(entitlement)", hint: "its manifest has to ask for it")
        }
        return parameters
    }

    /// - Throws: `denied` unless the entitlement's list `member` has the value.
    func require(_ value: String, in member: String, of entitlement: String) throws(HostingError) {
        let allowed = try parameters(of: entitlement)[member]?.arrayValue ?? []
        guard allowed.contains(.string(value)) else {
            throw HostingError(.denied, "entitlement \(entitlement) of plugin \(plugin) does not cover \(value)")
        }
    }

    func text(_ member: String) throws(HostingError) -> String {
        guard let text = request[member]?.stringValue else {
            throw HostingError(.invalid, "the request lacks \(member), a text")
        }
        return text
    }

    func optionalText(_ member: String) throws(HostingError) -> String? {
        switch request[member] {
        case nil, .null?: return nil
        default: return try text(member)
        }
    }

    /// 1 to 15 of `A-Za-z0-9_.:-`, and nothing that the kernel or a path would read as something else.
    func name(_ member: String) throws(HostingError) -> String { try Self.checkedName(try text(member), member) }

    func optionalName(_ member: String) throws(HostingError) -> String? {
        guard let text = try optionalText(member) else { return nil }
        return try Self.checkedName(text, member)
    }

    static func checkedName(_ text: String, _ member: String) throws(HostingError) -> String {
        let isPlain = text.utf8.allSatisfy { CompanionText.isNameByte($0) || $0 == UInt8(ascii: ":") }
        guard (1...15).contains(text.utf8.count), isPlain, text != ".", text != "..", !text.hasPrefix("-") else {
            throw HostingError(.invalid, "\(member) has to be 1 to 15 of A-Z a-z 0-9 _ . : -")
        }
        return text
    }

    /// Six bytes, or nil if absent.
    func mac(_ member: String) throws(HostingError) -> [UInt8]? {
        guard let text = try optionalText(member), !text.isEmpty else { return nil }
        guard CompanionText.isMAC(text) else {
            throw HostingError(.invalid, "\(member) has to be a MAC address in lower-case hex")
        }
        let bytes = text.split(separator: ":").compactMap { UInt8($0, radix: 16) }
        guard let first = bytes.first, first & 1 == 0 else {
            throw HostingError(.invalid, "\(member) is a multicast address")
        }
        return bytes
    }

    func seconds(_ member: String, default fallback: UInt64, atMost most: UInt64) throws(HostingError) -> Duration {
        guard let value = (request[member] ?? .number(JSONNumber(fallback))).uint64Value, value <= most else {
            throw HostingError(.invalid, "\(member) has to be a whole number of seconds up to \(most)")
        }
        return .seconds(Int64(value))
    }
}
