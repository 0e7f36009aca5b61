/// Changes inputs, always the same ones for the same seed.
public struct FuzzMutation {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// One input out of another: some bits, bytes, cuts, repeats, or a piece of a third one.
    public mutating func mutate(_ input: [UInt8], with other: [UInt8], maxBytes: Int) -> [UInt8] {
        var bytes = input
        for _ in 0...below(4) { change(&bytes, other) }
        return Array(bytes.prefix(maxBytes))
    }

    private mutating func change(_ bytes: inout [UInt8], _ other: [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = Array(other.prefix(below(64)))
            return
        }
        let place = below(bytes.count)
        switch below(8) {
        case 0: bytes[place] ^= 1 << UInt8(below(8))
        case 1: bytes[place] = [0, 1, 0x7f, 0x80, 0xfe, 0xff, 0x22, 0x7b][below(8)]
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(16)))
        case 3: bytes.insert(contentsOf: (0...below(8)).map { _ in UInt8(truncatingIfNeeded: next()) }, at: place)
        case 4:
            // Counts and lengths that are far too great.
            let end = min(bytes.count, place + 4)
            bytes.replaceSubrange(place..<end, with: [UInt8](repeating: 0xff, count: end - place))
        case 5: bytes.removeSubrange(place...)
        case 6:
            let piece = bytes[place..<min(bytes.count, place + 1 + below(64))]
            for _ in 0...below(8) { bytes.insert(contentsOf: piece, at: place) }
        default:
            guard !other.isEmpty else { return }
            let from = below(other.count)
            bytes.insert(contentsOf: other[from..<min(other.count, from + 1 + below(64))], at: place)
        }
    }

    /// 0 to `bound` − 1.
    public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
