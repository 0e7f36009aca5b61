/// Writes tars byte by byte, so that a test can write what no tar program would.
public enum TarPacker {
    public static func pack(_ entries: [FixtureEntry], ends: Bool = true) -> [UInt8] {
        entries.flatMap(member) + (ends ? [UInt8](repeating: 0, count: 1024) : [])
    }

    public static func member(_ entry: FixtureEntry) -> [UInt8] {
        switch entry.kind {
        case .folder: member(entry, "5")
        case .file(let content): member(entry, "0", content: content)
        case .link(let target): member(entry, "2", target: target)
        case .hardLink(let target): member(entry, "1", target: target)
        case .pipe: member(entry, "6")
        case .device: member(entry, "3")
        // Tar has no sockets; what it does not know must do no harm either.
        case .socket: member(entry, "3")
        }
    }

    /// - Parameter size: what the header claims; the content's by default.
    public static func member(
        _ entry: FixtureEntry, _ type: Character, content: [UInt8] = [], target: String = "", size: UInt64? = nil
    ) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ offset: Int, _ bytes: [UInt8]) { header.replaceSubrange(offset..<offset + bytes.count, with: bytes) }
        func octal(_ offset: Int, _ length: Int, _ value: UInt64) {
            let digits = String(value, radix: 8)
            if digits.utf8.count < length {
                put(offset, Array((String(repeating: "0", count: length - 1 - digits.utf8.count) + digits).utf8))
            } else {
                // Base 256, as GNU tar writes what has no room in digits.
                var bytes = [UInt8](repeating: 0, count: length)
                for index in 0..<8 {
                    bytes[length - 1 - index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))
                }
                bytes[0] = 0x80
                put(offset, bytes)
            }
        }
        var longName: [UInt8] = []
        if entry.path.count > 100 {
            let name = FixtureEntry("././@LongLink", .file(entry.path + [0]), modified: 0)
            longName = member(name, "L", content: entry.path + [0])
        }
        put(0, Array(entry.path.prefix(100)))
        octal(100, 8, UInt64(entry.mode))
        octal(108, 8, UInt64(entry.user))
        octal(116, 8, UInt64(entry.group))
        octal(124, 12, size ?? UInt64(content.count))
        octal(136, 12, UInt64(max(0, entry.modified)))
        put(148, Array("        ".utf8))
        put(156, Array(String(type).utf8))
        put(157, Array(target.utf8.prefix(100)))
        put(257, Array("ustar  \0".utf8))
        let sum = header.reduce(UInt64(0)) { $0 + UInt64($1) }
        put(
            148,
            Array((String(repeating: "0", count: 6 - String(sum, radix: 8).utf8.count) + String(sum, radix: 8)).utf8)
                + [0])
        let padding = [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
        return longName + header + content + padding
    }
}
