import CSodium
import Glibc

/// Files and folders of tests.
public enum FixtureFile {
    public static func write(_ path: String, _ bytes: [UInt8], mode: mode_t = 0o644) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        defer { close(file) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    public static func read(_ path: String) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var (bytes, chunk): ([UInt8], [UInt8]) = ([], [UInt8](repeating: 0, count: 1 << 16))
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// Runs a program on bytes and gives what it writes: `gzip -c`, say.
    public static func filter(_ bytes: [UInt8], by command: String, in folder: String) -> [UInt8] {
        write("\(folder)/filter.in", bytes)
        _ = system("cd '\(folder)' && \(command) <filter.in >filter.out")
        return read("\(folder)/filter.out")
    }

    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
        return digest
    }

    public static func sha256Text(_ bytes: [UInt8]) -> String { FlatListPacker.hex(sha256(bytes)) }
}

extension FixtureFile {
    /// Paths below a folder, sorted by bytes.
    public static func list(_ root: String, _ inner: String = "") -> [String] {
        guard let stream = opendir(root + "/" + inner) else { return [] }
        defer { closedir(stream) }
        var found: [String] = []
        while let entry = readdir(stream) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            let name = String(decoding: bytes, as: UTF8.self)
            guard name != ".", name != ".." else { continue }
            let path = inner.isEmpty ? name : inner + "/" + name
            found.append(path)
            if entry.pointee.d_type == 4 { found += list(root, path) }
        }
        return inner.isEmpty ? found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } : found
    }

    public static func target(_ path: String) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink(path, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
