import CArchive
import Glibc
import Unpacking

/// An OCI image layout in a tar, as its tools write it. Of what is in it only the layout's own files are taken.
struct OCIArchive {
    let source: ArchiveSource
    let limits: UnpackLimits

    /// Puts the layout into the empty folder.
    func extract(to folder: FileHandle) throws(ImageError) {
        let writer = TreeWriter(root: folder, limits: limits)
        let reader = try ArchiveReader(source, .none)
        try reader.forEach { entry throws(ImageError) in
            guard let path = archive_entry_pathname(entry) else { return }
            let bytes = Array(UnsafeBufferPointer(start: path, count: strlen(path))).map { UInt8(bitPattern: $0) }
            let name = try EntryName(archived: bytes, limits: limits)
            guard Self.belongs(name), archive_entry_hardlink(entry) == nil,
                UInt32(archive_entry_filetype(entry)) & 0o170000 == 0o100000,
                let size = UInt64(exactly: archive_entry_size(entry))
            else { return }
            try writer.file(name, EntryFacts(mode: 0o600), size: size) { file throws(ImageError) in
                try reader.copy(to: file, size: size, name: name.text)
            }
        }
    }

    private static func belongs(_ name: EntryName) -> Bool {
        let names = name.names.map { String(decoding: $0, as: UTF8.self) }
        if names == ["oci-layout"] || names == ["index.json"] { return true }
        return names.count == 3 && names[0] == "blobs" && names[1] == "sha256"
            && (try? OCIDigest("sha256:\(names[2])")) != nil
    }
}
