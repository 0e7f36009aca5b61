/// Something that happened in a block, by the names of the runtime (docs/spec/tfchain.md section 7).
public struct RuntimeEvent: Sendable, Hashable {
    /// When it happened.
    public enum Phase: Sendable, Hashable {
        /// While the extrinsic at that place of the block was applied.
        case applyExtrinsic(UInt32)
        case finalization
        case initialization
        /// A phase that this program does not know.
        case other(String)

        /// The place of the extrinsic; nil outside of one.
        public var extrinsic: UInt32? { if case .applyExtrinsic(let index) = self { index } else { nil } }
    }

    public let phase: Phase
    public let pallet: String
    public let name: String
    /// Its fields: named ones as `.fields`, one unnamed as itself.
    public let fields: ScaleValue
    public let topics: [[UInt8]]

    public init(phase: Phase, pallet: String, name: String, fields: ScaleValue, topics: [[UInt8]] = []) {
        self.phase = phase
        self.pallet = pallet
        self.name = name
        self.fields = fields
        self.topics = topics
    }

    /// `System.ExtrinsicSuccess`.
    public var fullName: String { "\(pallet).\(name)" }
}
