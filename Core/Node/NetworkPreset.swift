/// The networks that a node can belong to (docs/spec/tfchain.md section 15). A node's identity belongs to one of them for good.
public enum NetworkPreset: String, Sendable, CaseIterable {
    case development, testing, qa, production
    /// A ledger of its own, for development and closed installations.
    case embedded

    /// Chain endpoints, the first is tried first. Empty for the embedded ledger.
    public var chain: [String] {
        switch self {
        case .development: ["wss://tfchain.dev.grid.tf/", "wss://tfchain.02.dev.grid.tf"]
        case .testing: ["wss://tfchain.test.grid.tf/", "wss://tfchain.02.test.grid.tf"]
        case .qa: ["wss://tfchain.qa.grid.tf/", "wss://tfchain.02.qa.grid.tf/"]
        case .production:
            [
                "wss://tfchain.grid.tf/", "wss://tfchain.02.grid.tf", "wss://02.tfchain.grid.tf/",
                "wss://03.tfchain.grid.tf/", "wss://04.tfchain.grid.tf/",
            ]
        case .embedded: []
        }
    }

    /// Relays of generation 2 messages.
    public var relays: [String] {
        switch self {
        case .development: ["wss://relay.dev.grid.tf"]
        case .testing: ["wss://relay.test.grid.tf"]
        case .qa: ["wss://relay.qa.grid.tf"]
        case .production: ["wss://relay.grid.tf"]
        case .embedded: []
        }
    }

    /// Services that give a new account what it needs to sign its first calls. Not in the specification: the addresses are those that
    /// the grid's own nodes are configured with, and an operator can fund the account by hand instead.
    public var activation: [String] {
        switch self {
        case .development: Self.activation(of: "dev.grid.tf")
        case .testing: Self.activation(of: "test.grid.tf")
        case .qa: Self.activation(of: "qa.grid.tf")
        case .production: Self.activation(of: "grid.tf")
        case .embedded: []
        }
    }

    private static func activation(of domain: String) -> [String] {
        ["https://activation.\(domain)/activation/activate", "https://activation.02.\(domain)/activation/activate"]
    }

    /// The service that says whether a user's identity is verified; asked only if the operator switches it on.
    public var identityCheck: String? {
        switch self {
        case .development: "https://kyc.dev.grid.tf"
        case .testing: "https://kyc.test.grid.tf"
        case .qa: "https://kyc.qa.grid.tf"
        case .production: "https://kyc.threefold.me"
        case .embedded: nil
        }
    }

    /// What an account must have more than to sign: 0.001 TFT (docs/spec/tfchain.md section 12). Nil on a ledger without fees.
    public var leastBalance: UInt64? { self == .embedded ? nil : 10_000 }
}
