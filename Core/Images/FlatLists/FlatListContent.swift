import Unpacking

/// What belongs to single inodes: blocks of files, targets of links.
final class FlatListContent {
    private let database: FlatListDatabase

    init(_ database: FlatListDatabase) { self.database = database }

    /// In the order of the content, which is that of insertion.
    func forEachBlock(of inode: Int64, _ body: (Block) throws(ImageError) -> Void) throws(ImageError) {
        var rows = try database.statement("SELECT id, key FROM block WHERE ino = ? ORDER BY rowid", "block")
        rows.bind(inode)
        while try rows.next() {
            try body(
                Block(id: try rows.bytes(0, "id", onlyBlob: true), key: try rows.bytes(1, "key", onlyBlob: true)))
        }
    }

    func target(of inode: Int64) throws(ImageError) -> [UInt8] {
        var rows = try database.statement("SELECT data FROM extra WHERE ino = ?", "extra")
        rows.bind(inode)
        guard try rows.next() else { throw ImageError(.invalid, "the link with ino \(inode) has no target") }
        return try rows.bytes(0, "data")
    }
}
