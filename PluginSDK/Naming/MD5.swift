/// MD5 (RFC 1321), which the grid's hashes and device names are made of. Not for security.
public struct MD5: Sendable {
    private var state: (UInt32, UInt32, UInt32, UInt32) = (0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476)
    private var pending: [UInt8] = []
    private var length: UInt64 = 0

    public init() { pending.reserveCapacity(64) }

    /// The 16 bytes of a message given at once.
    public static func digest(_ message: some Sequence<UInt8>) -> [UInt8] { digest(Array(message)) }

    /// The same for an array, which generic code across modules would walk byte by byte through a table.
    public static func digest(_ message: [UInt8]) -> [UInt8] {
        var md5 = MD5()
        md5.update(message)
        return md5.finish()
    }

    /// The digest of a text's UTF-8 bytes.
    public static func digest(_ text: String) -> [UInt8] { digest(Array(text.utf8)) }

    /// Adds the next part of the message.
    public mutating func update(_ bytes: some Sequence<UInt8>) { update(Array(bytes)) }

    public mutating func update(_ bytes: [UInt8]) {
        length &+= UInt64(bytes.count)
        var position = 0
        if !pending.isEmpty {
            position = min(64 - pending.count, bytes.count)
            pending += bytes[..<position]
            guard pending.count == 64 else { return }
            absorb(pending, at: 0)
            pending.removeAll(keepingCapacity: true)
        }
        while position + 64 <= bytes.count {
            absorb(bytes, at: position)
            position += 64
        }
        pending += bytes[position...]
    }

    /// The 16 bytes of everything added; the value is used up.
    public consuming func finish() -> [UInt8] {
        let bits = length &* 8
        var padding: [UInt8] = [0x80]
        padding += Array(repeating: 0, count: (119 - pending.count) % 64)
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            padding.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
        update(padding)
        return MD5.bytes(state.0) + MD5.bytes(state.1) + MD5.bytes(state.2) + MD5.bytes(state.3)
    }

    private static func bytes(_ word: UInt32) -> [UInt8] {
        let shifts: [UInt32] = [0, 8, 16, 24]
        return shifts.map { UInt8(truncatingIfNeeded: word >> $0) }
    }

    /// One block of 64 bytes.
    private mutating func absorb(_ bytes: [UInt8], at start: Int) {
        var words = InlineArray<16, UInt32>(repeating: 0)
        for word in 0..<16 {
            let place = start + word * 4
            let low = UInt32(bytes[place]) | UInt32(bytes[place + 1]) << 8
            words[word] = low | UInt32(bytes[place + 2]) << 16 | UInt32(bytes[place + 3]) << 24
        }
        var (a, b, c, d) = state
        for round in 0..<64 {
            let mixed: UInt32
            let word: Int
            switch round / 16 {
            case 0: (mixed, word) = ((b & c) | (~b & d), round)
            case 1: (mixed, word) = ((d & b) | (~d & c), (5 * round + 1) % 16)
            case 2: (mixed, word) = (b ^ c ^ d, (3 * round + 5) % 16)
            default: (mixed, word) = (c ^ (b | ~d), (7 * round) % 16)
            }
            let sum = a &+ mixed &+ MD5.constants[round] &+ words[word]
            let shift = MD5.shifts[round / 16 * 4 + round % 4]
            (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
        }
        state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d)
    }

    private static let shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

    // The integer part of 2^32 times the absolute value of the sine of 1…64.
    private static let constants: [UInt32] = [
        0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
        0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
        0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
        0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
        0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
        0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
        0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
        0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
    ]
}
