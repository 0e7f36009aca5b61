/// A cpio archive (newc) with one file: what the kernel unpacks over the initramfs that it follows.
enum Archive {
    /// - Parameter path: relative; its folder has to exist in the archive before.
    static func one(path: String, content: [UInt8]) -> [UInt8] {
        var bytes = member(path, mode: 0o100600, inode: 1, content)
        bytes += member("TRAILER!!!", mode: 0, inode: 0, [])
        return padded(bytes, to: 512)
    }

    static func padded(_ bytes: [UInt8], to unit: Int) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: (unit - bytes.count % unit) % unit)
    }

    private static func member(_ path: String, mode: UInt32, inode: UInt32, _ content: [UInt8]) -> [UInt8] {
        let size = UInt32(clamping: content.count)
        let nameSize = UInt32(clamping: path.utf8.count + 1)
        // inode, mode, uid, gid, links, time, size, four device numbers, size of the name, checksum (unused)
        let fields: [UInt32] = [inode, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, nameSize, 0]
        let header = "070701" + fields.map(hexadecimal).joined()
        return padded(padded(Array(header.utf8) + Array(path.utf8) + [0], to: 4) + content, to: 4)
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }
}
