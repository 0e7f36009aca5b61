/// The switches of an embedded ledger, fixed by its genesis (docs/spec/ledger.md sections 2, 3 and 8).
public struct LedgerSettings: Sendable, Hashable, Codable {
    /// When blocks are made.
    public enum Production: Sendable, Hashable, Codable {
        /// One block per accepted call, and explicit ticks.
        case onDemand
        /// Every so many milliseconds, with whatever calls arrived.
        case every(milliseconds: UInt64)

        private enum CodingKeys: String, CodingKey { case onDemand = "on_demand", every }
    }

    public var production = Production.every(milliseconds: 6_000)
    /// Whether terms must be accepted before a twin is made.
    public var requiresTerms = false
    /// What each accepted call costs, in units of 10^-7 TFT; 0 switches fees off.
    public var fee: UInt64 = 0
    /// What each contract costs per hour, in units of 10^-7 TFT; 0 switches prices off.
    public var hourlyPrice: UInt64 = 0
    /// Blocks after which a contract in grace expires at the next billing: 14 days of 6-second blocks.
    public var graceBlocks: UInt32 = 201_600
    /// Blocks between two billings.
    public var billingBlocks: UInt32 = 600
    /// Blocks whose state can be read.
    public var keptStates: UInt32 = 256
    /// Blocks whose events can be read.
    public var keptEvents: UInt32 = 2_400

    public init() {}

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let standard = LedgerSettings()
        production = try container.decodeIfPresent(Production.self, forKey: .production) ?? standard.production
        requiresTerms = try container.decodeIfPresent(Bool.self, forKey: .requiresTerms) ?? standard.requiresTerms
        fee = try container.decodeIfPresent(UInt64.self, forKey: .fee) ?? standard.fee
        hourlyPrice = try container.decodeIfPresent(UInt64.self, forKey: .hourlyPrice) ?? standard.hourlyPrice
        graceBlocks = try container.decodeIfPresent(UInt32.self, forKey: .graceBlocks) ?? standard.graceBlocks
        billingBlocks = max(
            1, try container.decodeIfPresent(UInt32.self, forKey: .billingBlocks) ?? standard.billingBlocks)
        keptStates = max(1, try container.decodeIfPresent(UInt32.self, forKey: .keptStates) ?? standard.keptStates)
        keptEvents = max(1, try container.decodeIfPresent(UInt32.self, forKey: .keptEvents) ?? standard.keptEvents)
    }

    private enum CodingKeys: String, CodingKey {
        case production, requiresTerms = "requires_terms", fee, hourlyPrice = "hourly_price", graceBlocks =
            "grace_blocks"
        case billingBlocks = "billing_blocks", keptStates = "kept_states", keptEvents = "kept_events"
    }
}
