import CHost
import CSodium
import Glibc

/// A digest of everything in a folder that a machine sees: names, types, rights, owners, sizes, targets, content.
struct TreeDigest {
    /// libsodium's state, whose alignment Swift does not import.
    private let memory = UnsafeMutableRawPointer.allocate(byteCount: crypto_generichash_statebytes(), alignment: 64)
    private var state: OpaquePointer { OpaquePointer(memory) }
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)

    /// As deep as a root may be, and one more.
    private static let depthLimit = 260

    private init() { crypto_generichash_init(state, nil, 0, 32) }

    /// In hexadecimal digits. Follows no link.
    static func of(_ folder: OwnedDescriptor) throws(HostingError) -> String {
        let digest = TreeDigest()
        defer {
            digest.buffer.deallocate()
            digest.memory.deallocate()
        }
        try digest.add(folder.number, depth: 0)
        var bytes = [UInt8](repeating: 0, count: 32)
        crypto_generichash_final(digest.state, &bytes, 32)
        return bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    private func add(_ folder: Int32, depth: Int) throws(HostingError) {
        guard depth <= Self.depthLimit else { throw HostingError(.operationFailed, "a root is nested too deeply") }
        var facts = stat()
        try checkedErrno(fstat(folder, &facts), "look at a root")
        add(facts, [])
        for name in try Self.names(folder) {
            let text = name.map { CChar(bitPattern: $0) } + [0]
            try checkedErrno(fstatat(folder, text, &facts, AT_SYMLINK_NOFOLLOW), "look at a root's file")
            switch facts.st_mode & S_IFMT {
            case S_IFDIR:
                let child = OwnedDescriptor(
                    taking: try checkedErrno(
                        openat(folder, text, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "open a root's folder"))
                add(bytes: name + [0])
                try add(child.number, depth: depth + 1)
            case S_IFREG:
                add(facts, name)
                let file = OwnedDescriptor(
                    taking: try checkedErrno(
                        openat(folder, text, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), "open a root's file"))
                try addContent(of: file.number)
            case S_IFLNK:
                add(facts, name)
                var target = [CChar](repeating: 0, count: 4097)
                let count = readlinkat(folder, text, &target, target.count)
                try checkedErrno(Int32(clamping: count), "read a root's link")
                add(bytes: target.prefix(max(0, count)).map { UInt8(bitPattern: $0) })
            default: add(facts, name)
            }
        }
        // A mark between folders, so that no two trees are the same sequence.
        add(bytes: [0xff, 0, 0xff])
    }

    private func add(_ facts: stat, _ name: [UInt8]) {
        let size = facts.st_mode & S_IFMT == S_IFREG ? UInt64(clamping: facts.st_size) : 0
        add(bytes: name + [0])
        for number in [UInt64(facts.st_mode), UInt64(facts.st_uid), UInt64(facts.st_gid), size] {
            withUnsafeBytes(of: number.littleEndian) { add(bytes: Array($0)) }
        }
    }

    private func add(bytes: [UInt8]) { crypto_generichash_update(state, bytes, UInt64(bytes.count)) }

    private func addContent(of file: Int32) throws(HostingError) {
        while true {
            let count = read(file, buffer.baseAddress, buffer.count)
            if count < 0 && errno == EINTR { continue }
            try checkedErrno(Int32(clamping: count), "read a root's file")
            if count == 0 { return }
            crypto_generichash_update(
                state, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(count))
        }
    }

    /// As bytes, sorted.
    private static func names(_ folder: Int32) throws(HostingError) -> [[UInt8]] {
        let copy = try checkedErrno(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "list a root's folder")
        guard let stream = fdopendir(copy) else {
            close(copy)
            throw HostingError(.unavailable, "cannot list a root's folder", isRetryable: true)
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [46] && name != [46, 46] { names.append(name) }
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
