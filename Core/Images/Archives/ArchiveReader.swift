import CArchive
import Glibc
import Unpacking

/// The entries of one tar, by libarchive as a reader only: it opens no file and writes none.
final class ArchiveReader {
    enum Compression: Sendable {
        case none, gzip, zstandard

        /// What content of the kind begins with. libarchive takes other content for an empty archive.
        fileprivate var mark: [UInt8] {
            switch self {
            case .none: []
            case .gzip: [0x1f, 0x8b]
            case .zstandard: [0x28, 0xb5, 0x2f, 0xfd]
            }
        }
    }

    private let archive: OpaquePointer
    let source: ArchiveSource
    /// Names are bytes; without a locale of UTF-8 libarchive would give none for those that are not ASCII.
    private let locale: locale_t?

    private static let tarFormat: Int32 = 0x30000
    /// LC_CTYPE_MASK, a macro that does not reach Swift.
    private static let characterType: Int32 = 1 << 0

    /// - Parameter compression: the only one that is taken; content of another kind is an error, not a guess.
    init(_ source: ArchiveSource, _ compression: Compression) throws(ImageError) {
        guard try source.starts(with: compression.mark) else {
            throw ImageError(.corrupt, "the archive is not compressed by \(compression)")
        }
        guard let archive = archive_read_new() else { throw ImageError(.unavailable, "no memory for an archive") }
        self.archive = archive
        self.source = source
        locale = newlocale(Self.characterType, "C.UTF-8", nil)
        let filter: Int32 =
            switch compression {
            case .none: 0
            case .gzip: 1
            case .zstandard: 14
            }
        try check(archive_read_append_filter(archive, filter))
        try check(archive_read_support_format_tar(archive))
        try check(archive_read_set_format(archive, Self.tarFormat))
        // SAFETY: the source lives as long as this object, which closes the archive before it goes.
        let context = Unmanaged.passUnretained(source).toOpaque()
        try check(
            archive_read_open(
                archive, context, nil,
                { archive, context, bytes in
                    guard let context, let bytes else { return -1 }
                    let source = Unmanaged<ArchiveSource>.fromOpaque(context).takeUnretainedValue()
                    let next = source.next()
                    guard source.failure == nil else { return -1 }
                    bytes.pointee = next.baseAddress
                    return next.count
                }, nil))
    }

    deinit {
        archive_read_free(archive)
        if let locale { freelocale(locale) }
    }

    /// Calls `body` with each entry; the entry is valid during the call.
    func forEach(_ body: (OpaquePointer) throws(ImageError) -> Void) throws(ImageError) {
        let before = locale.map { uselocale($0) }
        defer { if let before { uselocale(before) } }
        while true {
            var entry: OpaquePointer?
            let result = archive_read_next_header(archive, &entry)
            if result == ARCHIVE_EOF { return }
            // A warning is a name that could not be converted: the bytes are there all the same.
            if result != ARCHIVE_WARN { try check(result) }
            guard let entry else { throw ImageError(.corrupt, "the archive has an entry without a header") }
            try body(entry)
        }
    }

    /// The content of the current entry into the file.
    func copy(to file: FileHandle, size: UInt64, name: String) throws(ImageError) {
        while true {
            var start: UnsafeRawPointer?
            var count = 0
            var offset: Int64 = 0
            let result = archive_read_data_block(archive, &start, &count, &offset)
            if result == ARCHIVE_EOF { return }
            try check(result)
            guard count > 0 else { continue }
            let (end, overflow) = UInt64(clamping: offset).addingReportingOverflow(UInt64(clamping: count))
            guard offset >= 0, !overflow, end <= size else {
                throw ImageError(.corrupt, "\(name) has more content than its size of \(size) bytes")
            }
            try file.write(
                UnsafeRawBufferPointer(start: start, count: count), at: UInt64(clamping: offset), name: name)
        }
    }

    private func check(_ result: Int32) throws(ImageError) {
        guard result != ARCHIVE_OK else { return }
        if let failure = source.failure { throw failure }
        let text = archive_error_string(archive).map { String(cString: $0) } ?? "it cannot be read"
        throw ImageError(.corrupt, "the archive is broken: \(text)")
    }
}
