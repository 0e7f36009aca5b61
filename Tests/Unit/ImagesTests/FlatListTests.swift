import Glibc
import ImageFixtures
import Testing
import Unpacking

@testable import Images

@Suite("Flat lists")
struct FlatListTests {
    /// Packs, puts the blocks into a store and unpacks.
    private func unpack(
        _ entries: [FixtureEntry] = FixtureEntry.root, extra: [String] = [], in unpacking: UnpackCase = UnpackCase(),
        damage: (String) -> Void = { _ in }
    ) throws(ImageError) -> UnpackTally {
        let store = unpacking.folder.make("store")
        var packer = FlatListPacker()
        let bytes = packer.pack(entries, store: "dir://\(store)", extra: extra)
        packer.writeStore(store)
        damage(store)
        return try unpacking.unpack(bytes, .flatList, stores: [store])
    }

    private func refusal(
        _ entries: [FixtureEntry] = FixtureEntry.root, extra: [String] = [], in unpacking: UnpackCase = UnpackCase(),
        damage: (String) -> Void = { _ in }
    ) -> ImageError? {
        do throws(ImageError) {
            _ = try unpack(entries, extra: extra, in: unpacking, damage: damage)
            return nil
        } catch { return error }
    }

    @Test("files, links, rights, owners and times come out as they were packed")
    func roundTrip() throws {
        let unpacking = UnpackCase()
        let tally = try unpack(in: unpacking)
        #expect(unpacking.listing == TreeListing.lines(FixtureEntry.root))
        #expect(tally.entries == FixtureEntry.root.count + 1)
        #expect(tally.bytes == 1_300_006)
    }

    @Test("the group is the group, and absolute links are written as they are")
    func slipsOfTheReference() throws {
        let unpacking = UnpackCase()
        _ = try unpack(in: unpacking)
        #expect(unpacking.status("etc/motd")?.st_gid == 8)
        #expect(FixtureFile.target(unpacking.target + "/bin/sh") == "/bin/app")
    }

    @Test("devices and sockets are left out, and counted")
    func devices() throws {
        let unpacking = UnpackCase()
        let tally = try unpack([FixtureEntry("null", .device), FixtureEntry("log", .socket)], in: unpacking)
        #expect(tally.skipped == 2)
        #expect(unpacking.listing.isEmpty)
    }

    @Test("pieces of other sizes are put together in the order of insertion")
    func smallPieces() throws {
        let unpacking = UnpackCase()
        let store = unpacking.folder.make("store")
        var packer = FlatListPacker(pieceSize: 1000)
        let content = (0..<5500).map { UInt8(truncatingIfNeeded: $0 &* 7 / 13) }
        let bytes = packer.pack([FixtureEntry("f", .file(content))], store: "dir://\(store)")
        packer.writeStore(store)
        try unpacking.unpack(bytes, .flatList, stores: [store])
        #expect(FixtureFile.read(unpacking.target + "/f") == content)
    }

    @Test("blocks in the older place of a store are found")
    func olderPlace() throws {
        let unpacking = UnpackCase()
        _ = try unpack(in: unpacking) { store in _ = system("cd '\(store)' && mv */* .") }
        #expect(unpacking.listing == TreeListing.lines(FixtureEntry.root))
    }

    // MARK: Hostile trees

    private static let folder = 0o040755, file = 0o100644
    private static func inode(_ number: Int, _ parent: Int, _ name: String, _ mode: Int, size: String = "0") -> String {
        "INSERT INTO inode VALUES (\(number), \(parent), \(name), \(size), 0, 0, \(mode), 0, 0, 0)"
    }

    @Test(
        "a name that leads elsewhere is refused",
        arguments: [
            "'..'", "'.'", "''", "'a/b'", "'/etc'", "'../../etc/passwd'", "CAST(x'610062' AS TEXT)",
            "'\(String(repeating: "n", count: 256))'",
        ])
    func traversal(name: String) {
        let unpacking = UnpackCase()
        let error = refusal(extra: [Self.inode(90, 1, name, Self.file)], in: unpacking)
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("which is no name") == true)
        #expect(unpacking.listing.isEmpty)
    }

    @Test(
        "trees that are none are refused before anything is written",
        arguments: [
            ("two roots", [inode(90, 0, "'/'", folder)], "no single root"),
            ("a root that is a file", ["UPDATE inode SET mode = \(file) WHERE ino = 1"], "no single root"),
            ("no root", ["DELETE FROM inode WHERE ino = 1"], "no single root"),
            ("a cycle", [inode(90, 91, "'a'", folder), inode(91, 90, "'b'", folder)], "a cycle"),
            ("a folder in itself", [inode(90, 90, "'a'", folder)], "a cycle"),
            ("a parent that is not there", [inode(90, 4711, "'a'", file)], "are not below"),
            ("a parent that is a file", [inode(90, 1, "'a'", file), inode(91, 90, "'b'", file)], "are not below"),
            ("a parent that is a link", [inode(90, 1, "'a'", 0o120777), inode(91, 90, "'b'", file)], "are not below"),
            ("a name twice", [inode(90, 1, "'a'", file), inode(91, 1, "'a'", folder)], "twice"),
            ("a mode without type", [inode(90, 1, "'a'", 0o644)], "no type of file"),
            ("a mode beyond 32 bits", [inode(90, 1, "'a'", 1 << 40)], "mode"),
            ("a name that is a number", [inode(90, 1, "x'00'", file)], "which is no name"),
            ("a size that is a text", [inode(90, 1, "'a'", file, size: "'big'")], "no integer"),
            ("a size that is a fraction", [inode(90, 1, "'a'", file, size: "1.5")], "no integer"),
            ("a negative size", [inode(90, 1, "'a'", file, size: "-1")], "size"),
            ("an owner beyond 32 bits", ["UPDATE inode SET uid = 4294967296"], "uid"),
            ("no owner", ["UPDATE inode SET gid = NULL"], "no integer"),
        ])
    func hostileTree(what: String, statements: [String], text: String) {
        let unpacking = UnpackCase()
        let error = refusal(extra: statements, in: unpacking)
        #expect(error?.message.contains(text) == true, "\(what): \(error.map { "\($0)" } ?? "accepted")")
        #expect(unpacking.listing.isEmpty)
    }

    @Test("sizes that overflow in sum, or are more than a root may have, are refused")
    func hugeSizes() {
        let most = "9223372036854775807"
        let huge = (90..<93).map { Self.inode($0, 1, "'f\($0)'", Self.file, size: most) }
        #expect(refusal(extra: huge)?.code == .tooLarge)
        var small = UnpackCase()
        small.limits.bytes = 1_000_000
        #expect(refusal(in: small)?.code == .tooLarge)
    }

    @Test("folders deeper than 256 are refused, and those up to it are not")
    func depth() throws {
        func chain(_ count: Int) -> [String] {
            (0..<count).map { Self.inode(100 + $0, $0 == 0 ? 1 : 99 + $0, "'d'", Self.folder) }
        }
        #expect(refusal([], extra: chain(256)) == nil)
        #expect(refusal([], extra: chain(257))?.code == .tooLarge)
        #expect(refusal([], extra: chain(5000))?.code == .tooLarge)
    }

    @Test("more inodes than the limit are refused")
    func manyInodes() {
        var unpacking = UnpackCase()
        unpacking.limits.entries = 1000
        let many =
            "WITH RECURSIVE n(i) AS (VALUES(1000) UNION ALL SELECT i+1 FROM n WHERE i < 3000) INSERT INTO inode SELECT i, 1, 'f'||i, 0, 0, 0, \(Self.file), 0, 0, 0 FROM n"
        #expect(refusal(extra: [many], in: unpacking)?.code == .tooLarge)
    }

    @Test("owners that the unpacker cannot give are refused by name")
    func owners() {
        let error = refusal([FixtureEntry("f", .file([1]), user: 70000)])
        #expect(error?.code == .unsupported)
        #expect(error?.message.contains("70000") == true)
    }

    @Test(
        "links without a target, or with one that is none, are refused",
        arguments: [nil, "x''", "x'610062'"] as [String?])
    func links(data: String?) {
        let extra = data.map { ["INSERT INTO extra VALUES (90, \($0))"] } ?? []
        #expect(refusal([], extra: [Self.inode(90, 1, "'l'", 0o120777)] + extra)?.code == .invalid)
    }

    // MARK: Hostile content

    @Test("files whose blocks give less or more than their size are refused")
    func sizes() {
        #expect(refusal(extra: ["UPDATE inode SET size = size + 1 WHERE name = 'app'"])?.code == .corrupt)
        #expect(refusal(extra: ["UPDATE inode SET size = size - 1 WHERE name = 'app'"])?.code == .corrupt)
        #expect(refusal(extra: ["DELETE FROM block"])?.code == .corrupt)
    }

    @Test(
        "block ids and keys that are no 32 bytes, or no blobs, are refused",
        arguments: ["id = x'00'", "key = x'00'", "id = 'text'", "key = NULL", "id = zeroblob(1000000)"])
    func blockTypes(change: String) {
        #expect(refusal(extra: ["UPDATE block SET \(change)"])?.code == .invalid)
    }

    @Test("a damaged block in the only store is refused, and named")
    func damagedBlock() {
        let error = refusal { store in _ = system("cd '\(store)' && for f in */*; do printf x >>$f; done") }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains("the hash differs") == true)
    }

    @Test("truncated blocks are refused")
    func truncatedBlocks() {
        let error = refusal { store in _ = system("cd '\(store)' && for f in */*; do truncate -s 20 $f; done") }
        #expect(error?.code == .corrupt)
    }

    @Test("absent blocks are refused, and named")
    func absentBlock() {
        let error = refusal { store in _ = system("rm -r '\(store)'/*") }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("in none of its stores") == true)
    }

    @Test("a block without a route is not routable")
    func unroutable() {
        #expect(refusal(extra: ["DELETE FROM route"])?.message.contains("is not routable") == true)
    }

    @Test("stores of kinds that a node does not read are named")
    func unsupportedStore() {
        let error = refusal(extra: ["UPDATE route SET url = 's3://bucket'"])
        #expect(error?.message.contains("unsupported store s3://bucket") == true)
    }

    @Test("a dir:// store that the operator has not listed is refused, also by links and dots")
    func unlistedStore() {
        #expect(refusal(extra: ["UPDATE route SET url = 'dir:///etc'"])?.message.contains("operator lists") == true)
        let unpacking = UnpackCase()
        let dots = "UPDATE route SET url = url || '/../../../etc'"
        #expect(refusal(extra: [dots], in: unpacking) != nil)
        let linked = UnpackCase()
        let error = refusal(extra: ["UPDATE route SET url = url || '/out'"], in: linked) { store in
            _ = system("cd '\(store)' && mkdir ../other && mv * ../other/ && ln -s ../other out")
        }
        #expect(error != nil)
    }

    // MARK: Hostile databases

    @Test(
        "views, triggers and virtual tables are refused",
        arguments: [
            "CREATE VIEW evil AS SELECT * FROM inode",
            "CREATE TRIGGER evil AFTER INSERT ON inode BEGIN SELECT 1; END",
            "CREATE VIRTUAL TABLE evil USING fts5(content)",
        ])
    func schema(statement: String) {
        let error = refusal(extra: [statement])
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("only plain tables") == true)
    }

    @Test("a view in the place of a table is refused")
    func viewInPlace() {
        let error = refusal(extra: ["ALTER TABLE inode RENAME TO real", "CREATE VIEW inode AS SELECT * FROM real"])
        #expect(error?.message.contains("only plain tables") == true)
    }

    @Test("generated columns cannot make values of any length")
    func generatedColumns() {
        let error = refusal(extra: [
            "ALTER TABLE extra ADD COLUMN more AS (zeroblob(100000000))", "ALTER TABLE extra RENAME COLUMN data TO old",
            "ALTER TABLE extra RENAME COLUMN more TO data",
        ])
        #expect(error != nil)
    }

    @Test("what is no database, or a broken one, is refused and never crashes")
    func notADatabase() {
        let unpacking = UnpackCase()
        var packer = FlatListPacker()
        let good = packer.pack(FixtureEntry.root, store: "dir:///x")
        for bytes in [[], Array("SQLite format 3\0".utf8), [UInt8](repeating: 0, count: 4096), Array(good[..<600])] {
            #expect(throws: ImageError.self) { try unpacking.unpack(bytes, .flatList) }
        }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var bytes = good
            for _ in 0..<20 {
                bytes[Int.random(in: 16..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if let database = try? FlatListDatabase(bytes) { _ = try? FlatListTree(database, limits: UnpackLimits()) }
        }
    }

    @Test("a database with a write-ahead log is refused")
    func writeAheadLog() {
        let unpacking = UnpackCase()
        var packer = FlatListPacker()
        var bytes = packer.pack([], store: "dir:///x")
        (bytes[18], bytes[19]) = (2, 2)
        #expect(throws: ImageError.self) { try unpacking.unpack(bytes, .flatList) }
    }

    // MARK: Cache

    @Test("blocks come from the cache, and a damaged one is fetched again")
    func cache() throws {
        let unpacking = UnpackCase()
        _ = try unpack(in: unpacking)
        let cached = FixtureFile.list(unpacking.folder.path + "/blocks").filter { $0.utf8.count > 60 }
        #expect(cached.count == 3)
        for name in cached.prefix(1) { _ = unpacking.folder.write("blocks/\(name)", [1, 2, 3]) }
        _ = system("rm -r '\(unpacking.target)'")
        // The first one is damaged, so the store has to be there for it.
        _ = try unpack(in: unpacking)
        #expect(unpacking.listing == TreeListing.lines(FixtureEntry.root))
        _ = system("rm -r '\(unpacking.target)'")
        let error = refusal(in: unpacking) { store in _ = system("rm -r '\(store)'/*") }
        #expect(error == nil)
    }
}
