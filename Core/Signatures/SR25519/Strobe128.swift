/// The part of STROBE-128 (v1.0.2) that Merlin transcripts use: metadata, associated data and pseudo-random output.
struct Strobe128 {
    /// 200 bytes of state less the capacity of 128-bit security and two bytes of padding.
    private static let rate = 166

    private enum Flags {
        static let inbound: UInt8 = 1
        static let associated: UInt8 = 1 << 1
        static let cipher: UInt8 = 1 << 2
        static let meta: UInt8 = 1 << 4
    }

    private var lanes = Keccak.Lanes(repeating: 0)
    private var position = 0
    private var begin = 0

    init(protocolLabel: [UInt8]) {
        for (index, byte) in ([1, UInt8(Self.rate + 2), 1, 0, 1, 96] + Array("STROBEv1.0.2".utf8)).enumerated() {
            add(byte, at: index)
        }
        Keccak.permute(&lanes)
        metadata(protocolLabel)
    }

    mutating func metadata(_ bytes: [UInt8]) {
        start(Flags.meta | Flags.associated)
        absorb(bytes)
    }

    /// Metadata in the same operation as the call before.
    mutating func moreMetadata(_ bytes: [UInt8]) { absorb(bytes) }

    mutating func associatedData(_ bytes: [UInt8]) {
        start(Flags.associated)
        absorb(bytes)
    }

    mutating func pseudoRandom(_ count: Int) -> [UInt8] {
        start(Flags.inbound | Flags.associated | Flags.cipher)
        return (0..<count).map { _ in
            let byte = UInt8(truncatingIfNeeded: lanes[position / 8] &>> (UInt64(position % 8) * 8))
            // Squeezed bytes are zeroed, so that the state cannot be run backwards.
            add(byte, at: position)
            advance()
            return byte
        }
    }

    private mutating func start(_ flags: UInt8) {
        let previous = UInt8(begin)
        begin = position + 1
        absorb([previous, flags])
        if flags & Flags.cipher != 0 && position != 0 { run() }
    }

    private mutating func absorb(_ bytes: [UInt8]) {
        for byte in bytes {
            add(byte, at: position)
            advance()
        }
    }

    private mutating func advance() {
        position += 1
        if position == Self.rate { run() }
    }

    private mutating func run() {
        add(UInt8(begin), at: position)
        add(0x04, at: position + 1)
        add(0x80, at: Self.rate + 1)
        Keccak.permute(&lanes)
        position = 0
        begin = 0
    }

    private mutating func add(_ byte: UInt8, at index: Int) {
        lanes[index / 8] ^= UInt64(byte) &<< (UInt64(index % 8) * 8)
    }
}
