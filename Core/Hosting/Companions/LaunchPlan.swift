import CHost

/// The plan that a shim reads (Core/C/CHost/include/zos_shim.h).
struct LaunchPlan {
    private var records: [UInt8] = []

    mutating func add(_ tag: some BinaryInteger, words: [UInt32] = [], text: String? = nil) throws(HostingError) {
        var payload = words.flatMap(Self.bytes)
        if let text {
            guard !text.utf8.contains(0) else { throw HostingError(.invalid, "a text with a zero byte") }
            payload += text.utf8
            payload.append(0)
        }
        records += Self.bytes(UInt32(truncatingIfNeeded: tag)) + Self.bytes(UInt32(clamping: payload.count)) + payload
        records += [UInt8](repeating: 0, count: (4 - payload.count % 4) % 4)
    }

    /// - Throws: `invalid` if it is larger than a shim reads.
    func bytes() throws(HostingError) -> [UInt8] {
        let size = records.count + 8
        guard size <= Int(ZOS_SHIM_PLAN_LIMIT) else {
            throw HostingError(.invalid, "the command line and its environment are longer than 512 KiB")
        }
        return Self.bytes(UInt32(ZOS_SHIM_MAGIC)) + Self.bytes(UInt32(clamping: size)) + records
    }

    private static func bytes(_ word: UInt32) -> [UInt8] { withUnsafeBytes(of: word.littleEndian) { Array($0) } }
}
