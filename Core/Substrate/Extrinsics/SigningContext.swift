/// What makes a signed call valid: on one chain, for one runtime, once, for a time.
public struct SigningContext: Sendable, Hashable {
    public var genesisHash: [UInt8]
    public var specVersion: UInt32
    public var transactionVersion: UInt32
    /// The number of the account's next call.
    public var nonce: UInt64
    public var era: ExtrinsicEra
    /// The hash of the era's first block; of no meaning if immortal.
    public var eraHash: [UInt8]
    public var tip: UInt128

    /// - Parameter eraHash: nil for an immortal call, which signs the genesis hash.
    public init(
        genesisHash: [UInt8], specVersion: UInt32, transactionVersion: UInt32, nonce: UInt64,
        era: ExtrinsicEra = .immortal, eraHash: [UInt8]? = nil, tip: UInt128 = 0
    ) {
        self.genesisHash = genesisHash
        self.specVersion = specVersion
        self.transactionVersion = transactionVersion
        self.nonce = nonce
        self.era = era
        self.eraHash = eraHash ?? genesisHash
        self.tip = tip
    }
}
