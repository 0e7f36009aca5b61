/// A Merlin v1.0 transcript: labelled messages in, challenges out (`docs/spec/tfchain.md` section 6).
public struct MerlinTranscript {
    private var strobe = Strobe128(protocolLabel: Array("Merlin v1.0".utf8))

    public init(label: String) { append("dom-sep", Array(label.utf8)) }

    public mutating func append(_ label: String, _ message: [UInt8]) {
        strobe.metadata(Array(label.utf8))
        strobe.moreMetadata(Self.size(message.count))
        strobe.associatedData(message)
    }

    /// - Parameter count: bytes wanted.
    public mutating func challenge(_ label: String, count: Int) -> [UInt8] {
        strobe.metadata(Array(label.utf8))
        strobe.moreMetadata(Self.size(count))
        return strobe.pseudoRandom(count)
    }

    private static func size(_ count: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: count).littleEndian) { Array($0) }
    }
}
