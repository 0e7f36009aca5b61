/// What names a workload across the node: `<twin>-<contract>-<name>` (docs/spec/deployment.md section 4.2).
public struct WorkloadID: Sendable, Hashable, CustomStringConvertible {
    public let twin: UInt32
    public let contract: UInt64
    public let name: String

    /// Composes an id; the name is taken as it is, since invalid deployments have ids too.
    public init(twin: UInt32, contract: UInt64, name: String) {
        self.twin = twin
        self.contract = contract
        self.name = name
    }

    /// Reads an id strictly: only texts that a valid name, a twin and a contract compose to.
    public init(parsing text: String) throws(NamingError) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let twin = UInt32(String(parts[0]) ?? ""),
            let contract = UInt64(String(parts[1]) ?? ""), let name = String(parts[2])
        else {
            throw NamingError(.malformedID, "a workload id is <twin>-<contract>-<name>")
        }
        self.init(twin: twin, contract: contract, name: try WorkloadName(validating: name).text)
        // Refuses signs and leading zeros, which the number parsers let through.
        guard self.text.utf8.elementsEqual(text.utf8) else {
            throw NamingError(.malformedID, "a workload id has plain decimal numbers without padding")
        }
    }

    public var text: String { "\(twin)-\(contract)-\(name)" }
    /// The id as a relative path: each `-` is a `/`.
    public var path: String { "\(twin)/\(contract)/\(name)" }
    public var description: String { text }

    public static func == (left: WorkloadID, right: WorkloadID) -> Bool {
        left.twin == right.twin && left.contract == right.contract && left.name.utf8.elementsEqual(right.name.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(twin)
        hasher.combine(contract)
        for byte in name.utf8 { hasher.combine(byte) }
    }
}
