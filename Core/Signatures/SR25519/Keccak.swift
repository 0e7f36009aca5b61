/// The permutation Keccak-f[1600] of FIPS 202, on 25 lanes.
enum Keccak {
    typealias Lanes = InlineArray<25, UInt64>

    private static let roundConstants: [UInt64] = [
        0x0000_0000_0000_0001, 0x0000_0000_0000_8082, 0x8000_0000_0000_808a, 0x8000_0000_8000_8000,
        0x0000_0000_0000_808b, 0x0000_0000_8000_0001, 0x8000_0000_8000_8081, 0x8000_0000_0000_8009,
        0x0000_0000_0000_008a, 0x0000_0000_0000_0088, 0x0000_0000_8000_8009, 0x0000_0000_8000_000a,
        0x0000_0000_8000_808b, 0x8000_0000_0000_008b, 0x8000_0000_0000_8089, 0x8000_0000_0000_8003,
        0x8000_0000_0000_8002, 0x8000_0000_0000_0080, 0x0000_0000_0000_800a, 0x8000_0000_8000_000a,
        0x8000_0000_8000_8081, 0x8000_0000_0000_8080, 0x0000_0000_8000_0001, 0x8000_0000_8000_8008,
    ]
    private static let rotations: [UInt64] = [
        1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44,
    ]
    private static let targets = [
        10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1,
    ]

    static func permute(_ lanes: inout Lanes) {
        var parity = InlineArray<5, UInt64>(repeating: 0)
        for constant in roundConstants {
            // theta
            for x in 0..<5 {
                parity[x] = lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]
            }
            for x in 0..<5 {
                let mix = parity[(x + 4) % 5] ^ rotated(parity[(x + 1) % 5], by: 1)
                for y in stride(from: 0, to: 25, by: 5) { lanes[x + y] ^= mix }
            }
            // rho and pi
            var moving = lanes[1]
            for step in 0..<24 {
                let target = targets[step]
                let displaced = lanes[target]
                lanes[target] = rotated(moving, by: rotations[step])
                moving = displaced
            }
            // chi
            for y in stride(from: 0, to: 25, by: 5) {
                for x in 0..<5 { parity[x] = lanes[y + x] }
                for x in 0..<5 { lanes[y + x] = parity[x] ^ (~parity[(x + 1) % 5] & parity[(x + 2) % 5]) }
            }
            // iota
            lanes[0] ^= constant
        }
    }

    private static func rotated(_ lane: UInt64, by count: UInt64) -> UInt64 {
        lane &<< count | lane &>> (64 &- count)
    }
}
