import Glibc
import Unpacking

/// Makes files of a flat list and its blocks (docs/spec/flist.md section 5).
struct FlatListUnpacker {
    let database: FlatListDatabase
    let blocks: BlockReader
    let writer: TreeWriter
    let report: (String) -> Void

    func unpack() throws(ImageError) {
        let tree = try FlatListTree(database, limits: writer.limits)
        let content = FlatListContent(database)
        try prefetch(tree, content)
        report("unpacking \(tree.count) files")
        try writer.folder(EntryName(checked: []), tree.root.facts)
        // Links last: until then there is nothing that could lead anywhere.
        try walk(tree) { inode, name throws(ImageError) in
            switch inode.kind {
            case .folder: try writer.folder(name, inode.facts)
            case .file: try write(inode, name, content)
            case .pipe: try writer.pipe(name, inode.facts)
            case .special: try writer.skip(name)
            case .link: break
            }
        }
        try walk(tree) { inode, name throws(ImageError) in
            guard inode.kind == .link else { return }
            try writer.link(name, to: try content.target(of: inode.number), inode.facts)
        }
    }

    /// Every folder before what is in it.
    private func walk(
        _ tree: FlatListTree, _ body: (FlatListTree.Inode, EntryName) throws(ImageError) -> Void
    ) throws(ImageError) {
        var folders = [(tree.root, EntryName(checked: []))]
        while let (folder, name) = folders.popLast() {
            for inode in tree.children(of: folder) {
                let path = name.appending(Array(tree.name(inode)))
                guard path.bytes.count <= writer.limits.path else {
                    throw ImageError(.invalid, "a path of the flat list has more than \(writer.limits.path) bytes")
                }
                try body(inode, path)
                if inode.kind == .folder { folders.append((inode, path)) }
            }
        }
    }

    /// Gets every block that the cache lacks, several at a time.
    private func prefetch(_ tree: FlatListTree, _ content: FlatListContent) throws(ImageError) {
        var wanted: Set<Block> = []
        try walk(tree) { inode, _ throws(ImageError) in
            guard inode.kind == .file else { return }
            try content.forEachBlock(of: inode.number) { block throws(ImageError) in wanted.insert(block) }
            guard wanted.count <= Self.blockLimit else {
                throw ImageError(.tooLarge, "the flat list has too many blocks")
            }
        }
        try blocks.prefetch(wanted, report: report)
    }

    /// As many as 64 GiB have; each takes about 150 bytes of memory.
    private static let blockLimit = 1 << 17

    private func write(_ inode: FlatListTree.Inode, _ name: EntryName, _ content: FlatListContent) throws(ImageError) {
        try writer.file(name, inode.facts, size: inode.size) { file throws(ImageError) in
            var offset: UInt64 = 0
            try content.forEachBlock(of: inode.number) { block throws(ImageError) in
                let plain = try blocks.read(block)
                guard offset + UInt64(plain.count) <= inode.size else {
                    throw ImageError(.corrupt, "\(name.text) has more content than its size of \(inode.size) bytes")
                }
                let result: Result<Void, ImageError> = plain.withUnsafeBytes { bytes in
                    do throws(ImageError) {
                        return .success(try file.write(bytes, at: offset, name: name.text))
                    } catch { return .failure(error) }
                }
                try result.get()
                offset += UInt64(plain.count)
            }
            guard offset == inode.size else {
                throw ImageError(.corrupt, "\(name.text) has \(offset) bytes of content and a size of \(inode.size)")
            }
        }
    }
}
