/// A call was applied and failed, by the chain's own name (docs/spec/ledger.md).
public struct LedgerError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The pallet whose error it is, by the chain's name; there are more than these.
    public struct Module: RawRepresentable, Sendable, Hashable, Codable {
        public static let grid = Module(rawValue: "TfgridModule")
        public static let contracts = Module(rawValue: "SmartContractModule")
        /// An error of the runtime itself, such as `BadOrigin`.
        public static let runtime = Module(rawValue: "")

        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }
    }

    public let module: Module
    /// As in the chain's metadata: `ContractIsNotUnique`.
    public let name: String

    public init(_ module: Module, _ name: String) {
        self.module = module
        self.name = name
    }

    static func grid(_ name: String) -> LedgerError { LedgerError(.grid, name) }
    static func contracts(_ name: String) -> LedgerError { LedgerError(.contracts, name) }

    public var description: String { module == .runtime ? name : "\(module.rawValue).\(name)" }
}
