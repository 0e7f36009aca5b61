import Signatures

/// What a new ledger starts with. Ids come out in the order of the lists, by the same rules as for calls.
public struct LedgerGenesis: Sendable, Hashable, Codable {
    public struct Account: Sendable, Hashable, Codable {
        public var account: AccountName
        public var balance: UInt64?
        public var acceptedTerms: Bool?

        public init(_ account: AccountID, balance: UInt64 = 0, acceptedTerms: Bool = true) {
            self.account = AccountName(account)
            self.balance = balance
            self.acceptedTerms = acceptedTerms
        }

        private enum CodingKeys: String, CodingKey { case account, balance, acceptedTerms = "accepted_terms" }
    }

    public struct Twin: Sendable, Hashable, Codable {
        public var account: AccountName
        public var relay: String?
        public var pk: HexBytes?

        public init(_ account: AccountID, relay: String? = nil, pk: HexBytes? = nil) {
            self.account = AccountName(account)
            self.relay = relay
            self.pk = pk
        }
    }

    public struct Farm: Sendable, Hashable, Codable {
        /// The farmer's twin.
        public var twin: UInt32
        public var name: String
        public var ips: [PublicIP]?
        public var isDedicated: Bool?

        public init(twin: UInt32, name: String, ips: [PublicIP] = [], isDedicated: Bool = false) {
            self.twin = twin
            self.name = name
            self.ips = ips
            self.isDedicated = isDedicated
        }

        private enum CodingKeys: String, CodingKey { case twin = "twin_id", name, ips, isDedicated = "dedicated" }
    }

    public struct Node: Sendable, Hashable, Codable {
        public var twin: UInt32
        public var registration: NodeRegistration

        public init(twin: UInt32, registration: NodeRegistration) {
            self.twin = twin
            self.registration = registration
        }

        private enum CodingKeys: String, CodingKey { case twin = "twin_id", registration }
    }

    public var settings: LedgerSettings?
    public var accounts: [Account]?
    public var twins: [Twin]?
    public var farms: [Farm]?
    public var nodes: [Node]?

    public init(
        settings: LedgerSettings = LedgerSettings(), accounts: [Account] = [], twins: [Twin] = [], farms: [Farm] = [],
        nodes: [Node] = []
    ) {
        self.settings = settings
        self.accounts = accounts
        self.twins = twins
        self.farms = farms
        self.nodes = nodes
    }
}
