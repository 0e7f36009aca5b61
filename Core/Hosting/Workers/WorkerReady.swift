import JSON

/// What a plugin says about itself when it is ready.
public struct WorkerReady: Sendable, Hashable {
    public let id: String
    public let version: String
    public let abi: UInt32
    /// Bits `1 << operation`: what the plugin has beyond provision and deprovision.
    public let abilities: UInt64

    public func has(_ operation: PluginOperation) -> Bool { abilities & 1 << UInt64(operation.rawValue) != 0 }

    /// The operations of `abilities`, as the plugin protocol calls them.
    public var abilityNames: [String] { PluginOperation.allCases.filter(has).map { "\($0)" } }

    init?(_ json: JSONValue) {
        guard let id = json["id"]?.stringValue, let version = json["version"]?.stringValue,
            let abi = json["abi"]?.uint64Value.flatMap(UInt32.init(exactly:)),
            let abilities = json["abilities"]?.uint64Value
        else { return nil }
        (self.id, self.version, self.abi, self.abilities) = (id, version, abi, abilities)
    }
}
