import Signatures

/// `plugin.files`: what is signed (docs/spec/plugin-package.md section 2).
public struct PackageFileList: Sendable, Hashable {
    public static let maximumFiles = 4_096
    /// Bytes of all files together.
    public static let maximumBytes = 256 << 20
    static let maximumText = 4 << 20

    public struct Entry: Sendable, Hashable {
        /// SHA-256 of the content.
        public let digest: [UInt8]
        /// Bytes.
        public let size: Int
        public let path: String
    }

    /// Sorted by the bytes of their paths.
    public let entries: [Entry]

    init(of files: [(path: String, content: [UInt8])]) throws(HostingError) {
        entries = files.map { Entry(digest: Sodium.sha256($0.content), size: $0.content.count, path: $0.path) }
            .sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        try check()
    }

    /// - Throws: `badPackage`.
    package init(parsing bytes: [UInt8]) throws(HostingError) {
        guard bytes.count <= Self.maximumText else { throw Self.bad("is longer than \(Self.maximumText) bytes") }
        guard bytes.last == UInt8(ascii: "\n") else { throw Self.bad("does not end with a line end") }
        var entries: [Entry] = []
        for line in bytes.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            guard let entry = Self.entry(line) else {
                throw Self.bad("has a line that is not \"<sha256> <size> <path>\": line \(entries.count + 1)")
            }
            entries.append(entry)
        }
        self.entries = entries
        try check()
    }

    /// The file as it is signed.
    package var text: String { entries.map { "\(Hex.encode($0.digest)) \($0.size) \($0.path)\n" }.joined() }

    private static func bad(_ what: String) -> HostingError { HostingError(.badPackage, "\(PackagePath.list) \(what)") }

    private static func entry(_ line: ArraySlice<UInt8>) -> Entry? {
        let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 64, let digest = try? Hex.decode(parts[0]),  // nil: not hexadecimal
            parts[0].elementsEqual(Hex.encode(digest).utf8), let path = String(validating: parts[2], as: UTF8.self),
            let size = Int(String(decoding: parts[1], as: UTF8.self)), size >= 0,
            parts[1].elementsEqual(String(size).utf8)
        else { return nil }
        return Entry(digest: digest, size: size, path: path)
    }

    private func check() throws(HostingError) {
        guard entries.count <= Self.maximumFiles else {
            throw Self.bad("names more than \(Self.maximumFiles) files")
        }
        var total = 0
        for entry in entries {
            guard PackagePath.isValid(entry.path), entry.path != PackagePath.list, entry.path != PackagePath.signature
            else { throw Self.bad("names a path that no package may have") }
            let (sum, overflow) = total.addingReportingOverflow(entry.size)
            guard !overflow, sum <= Self.maximumBytes else {
                throw Self.bad("names more than \(Self.maximumBytes) bytes in all")
            }
            total = sum
        }
        for (left, right) in zip(entries, entries.dropFirst())
        where !left.path.utf8.lexicographicallyPrecedes(right.path.utf8) {
            throw Self.bad("is not sorted by path, or names \(right.path) twice")
        }
        guard Set(entries.map { PackagePath.folded($0.path) }).count == entries.count else {
            throw Self.bad("has names that differ only in letter case")
        }
    }
}
