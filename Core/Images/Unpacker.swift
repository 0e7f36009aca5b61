import Glibc
import Unpacking

/// Turns one verified source into files, whatever its form.
public struct Unpacker {
    /// The file, or the folder of an OCI layout.
    public let source: FileHandle
    /// Empty; becomes the root.
    public let target: FileHandle
    /// Empty; what is in it afterwards is of no use.
    public let scratch: FileHandle
    public let limits: UnpackLimits
    /// Blocks of flat lists that earlier ones have fetched.
    public var blocks: FileHandle?
    /// Folders that `dir://` stores may lie in, by path.
    public var stores: [(path: String, folder: FileHandle)] = []
    /// A fetcher for the other stores.
    public var fetcher: PacketSocket?
    /// Takes a word for the user.
    public var report: (String) -> Void = { _ in }

    public init(source: FileHandle, target: FileHandle, scratch: FileHandle, limits: UnpackLimits) {
        self.source = source
        self.target = target
        self.scratch = scratch
        self.limits = limits
    }

    /// - Throws: `ImageError` with a text for the user; the target is of no use then.
    public func unpack(_ form: ImageForm) throws(ImageError) -> UnpackTally {
        let writer = TreeWriter(root: target, limits: limits)
        switch form {
        case .flatList: try unpackFlatList(writer)
        case .tar: try unpackArchive(writer, .none)
        case .tarGzip: try unpackArchive(writer, .gzip)
        case .tarZstandard: try unpackArchive(writer, .zstandard)
        case .ociArchive:
            report("taking the image apart")
            try OCIArchive(source: ArchiveSource(source), limits: limits).extract(to: scratch)
            try unpackLayout(scratch, writer)
        case .ociLayout: try unpackLayout(source, writer)
        }
        try writer.finish()
        return writer.tally
    }

    private func unpackArchive(_ writer: TreeWriter, _ compression: ArchiveReader.Compression) throws(ImageError) {
        report("unpacking")
        let reader = try ArchiveReader(ArchiveSource(source), compression)
        try ArchiveUnpacker(writer: writer, kind: .plain).unpack(reader)
        guard writer.tally.entries > 0 else { throw ImageError(.corrupt, "the archive holds nothing") }
    }

    private func unpackLayout(_ folder: FileHandle, _ writer: TreeWriter) throws(ImageError) {
        try OCIUnpacker(layout: OCILayout(folder: folder, limits: limits), writer: writer, report: report).unpack()
    }

    private func unpackFlatList(_ writer: TreeWriter) throws(ImageError) {
        let limit = Int(ImageForm.flatList.sourceLimit ?? 0)
        let database = try FlatListDatabase(try source.readAll(atMost: limit, name: "the flat list"))
        let reader = BlockReader(
            routes: try database.routes(), cache: blocks.map(BlockCache.init),
            folders: stores.map { BlockReader.StoreFolder(path: $0.path, handle: $0.folder) },
            fetcher: fetcher.map(FetchClient.init))
        try FlatListUnpacker(database: database, blocks: reader, writer: writer, report: report).unpack()
    }
}
