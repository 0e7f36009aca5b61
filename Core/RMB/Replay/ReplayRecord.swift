/// One remembered message: 32 bytes in the ring.
struct ReplayRecord: Equatable {
    static let size = 32

    struct Key: Hashable {
        let source: UInt64
        let low: UInt64
        let high: UInt64

        init(source: UInt32, digest: [UInt8]) {
            precondition(digest.count == 16, "an MD5 digest has 16 bytes")
            self.source = UInt64(source)
            low = Self.word(digest[0..<8])
            high = Self.word(digest[8..<16])
        }

        init(source: UInt64, low: UInt64, high: UInt64) {
            self.source = source
            self.low = low
            self.high = high
        }

        private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    }

    let key: Key
    /// Unix seconds; 0 where nothing was written yet. Remembered while the clock shows it or less.
    let expiry: Int64
}
