/// A call was applied and failed, by the chain's own name (docs/spec/ledger.md).
public struct LedgerError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    public enum Module: String, Sendable, Hashable, Codable {
        case grid = "TfgridModule"
        case contracts = "SmartContractModule"
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

    public var description: String { "\(module.rawValue).\(name)" }
}
