import CArchive
import Glibc
import Unpacking

/// Turns the entries of one archive into files, by the rules of docs/spec/flist.md sections 5 and 8.
struct ArchiveUnpacker {
    enum Kind: Sendable {
        case plain
        /// `.wh.` names take away what lower layers have.
        case layer
    }

    let writer: TreeWriter
    let kind: Kind

    private enum FileType {
        static let mask: UInt32 = 0o170000
        static let regular: UInt32 = 0o100000
        static let folder: UInt32 = 0o040000
        static let link: UInt32 = 0o120000
        static let pipe: UInt32 = 0o010000
    }
    private static let whiteOut = Array(".wh.".utf8)
    private static let opaque = Array(".wh..wh..opq".utf8)

    func unpack(_ reader: ArchiveReader) throws(ImageError) {
        try reader.forEach { entry throws(ImageError) in try add(entry, reader) }
    }

    private func add(_ entry: OpaquePointer, _ reader: ArchiveReader) throws(ImageError) {
        guard let path = archive_entry_pathname(entry) else {
            throw ImageError(.invalid, "the archive has an entry whose name cannot be read")
        }
        let name = try EntryName(archived: Self.bytes(path), limits: writer.limits)
        if kind == .layer, name.last.starts(with: Self.whiteOut) { return try remove(name) }
        if let target = archive_entry_hardlink(entry) {
            return try writer.hardLink(name, to: EntryName(archived: Self.bytes(target), limits: writer.limits))
        }
        let facts = try facts(entry, name)
        switch UInt32(archive_entry_filetype(entry)) & FileType.mask {
        case FileType.regular:
            guard archive_entry_size_is_set(entry) != 0, let size = UInt64(exactly: archive_entry_size(entry)) else {
                throw ImageError(.invalid, "\(name.text) has no size")
            }
            try writer.file(name, facts, size: size) { file throws(ImageError) in
                try reader.copy(to: file, size: size, name: name.text)
            }
        case FileType.folder: try writer.folder(name, facts)
        case FileType.link:
            guard let target = archive_entry_symlink(entry) else {
                throw ImageError(.invalid, "the link \(name.text) has no target that can be read")
            }
            try writer.link(name, to: Self.bytes(target), facts)
        case FileType.pipe: try writer.pipe(name, facts)
        default: try writer.skip(name)
        }
    }

    private func remove(_ name: EntryName) throws(ImageError) {
        if name.last == Self.opaque { return try writer.makeOpaque(name.parent) }
        // Other names with two marks are notes of the program that packed it.
        let rest = Array(name.last.dropFirst(Self.whiteOut.count))
        if rest.starts(with: Self.whiteOut) { return }
        guard EntryName.isName(rest) else {
            throw ImageError(.invalid, "\(name.text) takes away what is no name")
        }
        try writer.whiteOut(name.parent.appending(rest))
    }

    private func facts(_ entry: OpaquePointer, _ name: EntryName) throws(ImageError) -> EntryFacts {
        guard let user = UInt32(exactly: archive_entry_uid(entry)),
            let group = UInt32(exactly: archive_entry_gid(entry))
        else { throw ImageError(.invalid, "\(name.text) has an owner that is no 32-bit number") }
        return EntryFacts(
            user: user, group: group, mode: UInt32(archive_entry_mode(entry)),
            modified: Int64(archive_entry_mtime(entry)))
    }

    private static func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
        Array(UnsafeBufferPointer(start: text, count: strlen(text))).map { UInt8(bitPattern: $0) }
    }
}
