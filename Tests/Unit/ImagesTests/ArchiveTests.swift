import Glibc
import ImageFixtures
import Testing
import Unpacking

@testable import Images

@Suite("Archives")
struct ArchiveTests {
    private func refusal(
        _ entries: [FixtureEntry], in unpacking: UnpackCase = UnpackCase()
    ) -> ImageError? { refusal(TarPacker.pack(entries), .tar, in: unpacking) }

    private func refusal(_ bytes: [UInt8], _ form: ImageForm, in unpacking: UnpackCase = UnpackCase()) -> ImageError? {
        do throws(ImageError) {
            try unpacking.unpack(bytes, form)
            return nil
        } catch { return error }
    }

    @Test(
        "files, links, rights, owners and times come out as they were packed",
        arguments: [(ImageForm.tar, "cat"), (.tarGzip, "gzip"), (.tarZstandard, "zstd -q")])
    func roundTrip(form: ImageForm, program: String) throws {
        let unpacking = UnpackCase()
        let bytes = FixtureFile.filter(TarPacker.pack(FixtureEntry.root), by: program, in: unpacking.folder.path)
        try unpacking.unpack(bytes, form)
        #expect(unpacking.listing == TreeListing.lines(FixtureEntry.root))
    }

    @Test("what tar itself writes comes out the same")
    func realTar() throws {
        let unpacking = UnpackCase()
        let source = unpacking.folder.make("from")
        let long = String(repeating: "l", count: 200)
        _ = system(
            "cd '\(source)' && mkdir -p a/b && echo x >a/b/c && ln a/b/c hard && ln -s nowhere link && truncate -s 5M sparse && echo end >>sparse && echo y >'\(long)' && echo z >'\u{e4}'"
        )
        for format in ["gnu", "pax", "ustar"] {
            let sparse = format == "ustar" ? "" : "--sparse"
            _ = system(
                "cd '\(source)' && rm -rf ../target && tar \(sparse) --format=\(format) -cf ../out.tar \(format == "ustar" ? "--exclude=lll*" : "") . "
            )
            try unpacking.unpack(FixtureFile.read(unpacking.folder.path + "/out.tar"), .tar)
            #expect(
                system(
                    "diff -r \(format == "ustar" ? "-x 'lll*'" : "") --no-dereference '\(source)' '\(unpacking.target)'"
                ) == 0)
            #expect(unpacking.status("hard")?.st_nlink == 2)
        }
    }

    // MARK: Hostile archives

    @Test("an entry that leads out of the root is refused", arguments: ["../evil", "a/../../evil", "a/..", ".."])
    func traversal(path: String) {
        let unpacking = UnpackCase()
        #expect(refusal([FixtureEntry(path, .file([1]))], in: unpacking)?.code == .invalid)
        #expect(access(unpacking.folder.path + "/evil", F_OK) != 0)
    }

    @Test("an absolute name is refused", arguments: ["/etc/evil", "//evil"])
    func absolute(path: String) {
        #expect(refusal([FixtureEntry(path, .file([1]))])?.message.contains("absolute") == true)
    }

    @Test(
        "nothing is written through a link, whether it leads out or not",
        arguments: ["/tmp", "..", ".", "inside", "../../../../tmp"])
    func linksOut(target: String) {
        let unpacking = UnpackCase()
        let name = "zos-evil-\(getpid())"
        let error = refusal(
            [
                FixtureEntry("inside", .folder, mode: 0o755), FixtureEntry("link", .link(target)),
                FixtureEntry("link/\(name)", .file([1])),
            ], in: unpacking)
        #expect(error?.code == .invalid)
        #expect(access("/tmp/\(name)", F_OK) != 0)
        #expect(access(unpacking.folder.path + "/\(name)", F_OK) != 0)
        #expect(unpacking.status("inside/\(name)") == nil)
    }

    @Test("a link that leads out is written as it is, and never followed")
    func linkVerbatim() throws {
        let unpacking = UnpackCase()
        try unpacking.unpack(TarPacker.pack([FixtureEntry("l", .link("/etc/../etc/passwd"))]), .tar)
        #expect(FixtureFile.target(unpacking.target + "/l") == "/etc/../etc/passwd")
    }

    @Test(
        "a hard link to what is outside, or no file of the root, is refused",
        arguments: ["/etc/passwd", "../outside", "missing", "folder", "link", "folder/../../outside"])
    func hardLinks(target: String) {
        let unpacking = UnpackCase()
        _ = unpacking.folder.write("outside", [1])
        let error = refusal(
            [
                FixtureEntry("folder", .folder, mode: 0o755), FixtureEntry("link", .link("/etc/passwd")),
                FixtureEntry("hard", .hardLink(target)),
            ], in: unpacking)
        #expect(error?.code == .invalid)
        #expect(unpacking.status("hard") == nil)
    }

    @Test("a hard link through a link is refused")
    func hardLinkThroughLink() {
        #expect(
            refusal([FixtureEntry("link", .link("/etc")), FixtureEntry("hard", .hardLink("link/passwd"))])?.code
                == .invalid)
    }

    @Test("devices are left out")
    func devices() throws {
        let unpacking = UnpackCase()
        let tally = try unpacking.unpack(
            TarPacker.pack([FixtureEntry("sda", .device), FixtureEntry("d", .folder)]), .tar)
        #expect(tally.skipped == 1)
        #expect(FixtureFile.list(unpacking.target) == ["d"])
    }

    @Test(
        "a name twice is refused",
        arguments: [
            [FixtureEntry("a", .file([1])), FixtureEntry("a", .file([2]))],
            [FixtureEntry("a", .link("x")), FixtureEntry("a", .file([2]))],
            [FixtureEntry("a", .folder), FixtureEntry("a", .link("x"))],
            [FixtureEntry("a", .file([1])), FixtureEntry("./a/", .folder)],
            [FixtureEntry("a", .file([1])), FixtureEntry("a", .hardLink("a"))],
        ])
    func duplicates(entries: [FixtureEntry]) {
        #expect(refusal(entries)?.message.contains("twice") == true)
    }

    @Test("a folder may come again: the last one counts")
    func folderAgain() throws {
        let unpacking = UnpackCase()
        try unpacking.unpack(
            TarPacker.pack([
                FixtureEntry("a/f", .file([1])), FixtureEntry("a", .folder, mode: 0o700),
                FixtureEntry("./a", .folder, mode: 0o711),
            ]), .tar)
        #expect(unpacking.status("a")?.st_mode == 0o040711)
    }

    @Test("folders without rights are filled all the same")
    func closedFolder() throws {
        let unpacking = UnpackCase()
        try unpacking.unpack(
            TarPacker.pack([
                FixtureEntry("a", .folder, mode: 0), FixtureEntry("a/b", .folder, mode: 0),
                FixtureEntry("a/b/f", .file([1])),
            ]), .tar)
        #expect(unpacking.status("a")?.st_mode == 0o040000)
    }

    @Test("folders deeper than 256 are refused")
    func depth() {
        let path = Array(repeating: "d", count: 300).joined(separator: "/")
        #expect(refusal([FixtureEntry(path, .folder)])?.code == .invalid)
    }

    @Test("names of more than 255 bytes and paths of more than 4095 are refused")
    func longNames() {
        #expect(refusal([FixtureEntry(String(repeating: "n", count: 256), .file([]))])?.code == .invalid)
        let path = Array(repeating: String(repeating: "n", count: 200), count: 21).joined(separator: "/")
        #expect(refusal([FixtureEntry(path, .file([]))])?.code == .invalid)
    }

    @Test("names that are no UTF-8 stay what they are")
    func otherNames() throws {
        let unpacking = UnpackCase()
        let name: [UInt8] = [0x66, 0xff, 0xfe, 0xc3, 0x28]
        try unpacking.unpack(TarPacker.pack([FixtureEntry(bytes: name, .file([7]))]), .tar)
        let file = openat(AT_FDCWD, cString(Array(unpacking.target.utf8) + [0x2f] + name), O_RDONLY)
        #expect(file >= 0)
        close(file)
    }

    @Test("more entries than the limit are refused")
    func manyEntries() {
        var unpacking = UnpackCase()
        unpacking.limits.entries = 100
        #expect(refusal((0..<200).map { FixtureEntry("d\($0)", .device) }, in: unpacking)?.code == .tooLarge)
        #expect(refusal((0..<200).map { FixtureEntry("f\($0)", .file([])) }, in: unpacking)?.code == .tooLarge)
    }

    @Test(
        "an archive that unpacks to more than a root may have is refused",
        arguments: [(ImageForm.tarGzip, "gzip"), (.tarZstandard, "zstd -q")])
    func bomb(form: ImageForm, program: String) {
        var unpacking = UnpackCase()
        unpacking.limits.bytes = 8 << 20
        let tar = TarPacker.pack([FixtureEntry("zeroes", .file([UInt8](repeating: 0, count: 64 << 20)))])
        let bytes = FixtureFile.filter(tar, by: program, in: unpacking.folder.path)
        #expect(bytes.count < 1 << 20)
        #expect(refusal(bytes, form, in: unpacking)?.code == .tooLarge)
    }

    @Test("a sparse file counts with its whole size")
    func sparseBomb() {
        let unpacking = UnpackCase()
        _ = system("cd '\(unpacking.folder.path)' && truncate -s 1T huge && tar --sparse -cf huge.tar huge")
        #expect(refusal(FixtureFile.read(unpacking.folder.path + "/huge.tar"), .tar, in: unpacking)?.code == .tooLarge)
    }

    @Test(
        "headers that claim any size are refused or run out of content",
        arguments: [UInt64(1) << 40, UInt64(Int64.max), UInt64.max >> 1])
    func hugeSize(size: UInt64) {
        let bytes = TarPacker.member(FixtureEntry("f", .file([])), "0", size: size)
        let error = refusal(bytes, .tar)
        #expect(error?.code == .tooLarge || error?.code == .corrupt)
    }

    @Test("content that ends early is refused")
    func truncated() {
        let whole = TarPacker.pack([FixtureEntry("f", .file([UInt8](repeating: 1, count: 5000)))])
        for count in [700, 2000, 5000] { #expect(refusal(Array(whole[..<count]), .tar)?.code == .corrupt) }
        let unpacking = UnpackCase()
        let packed = FixtureFile.filter(whole, by: "gzip", in: unpacking.folder.path)
        #expect(refusal(Array(packed.dropLast(12)), .tarGzip) != nil)
    }

    @Test("content of another kind than the name says is refused")
    func otherKind() {
        #expect(refusal([UInt8](repeating: 65, count: 4096), .tar) != nil)
        #expect(refusal(TarPacker.pack(FixtureEntry.root), .tarGzip) != nil)
        #expect(refusal([UInt8](repeating: 0, count: 4096), .tar) != nil)
        #expect(refusal(Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 2048), .tar) != nil)
    }

    @Test("random damage is refused or harmless, and never leaves the root")
    func damage() {
        let good = TarPacker.pack(FixtureEntry.root)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<30 {
            var bytes = good
            for _ in 0..<8 {
                bytes[Int.random(in: 0..<4096, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let unpacking = UnpackCase()
            _ = refusal(bytes, .tar, in: unpacking)
            #expect(
                Set(FixtureFile.list(unpacking.folder.path).map { $0.prefix { $0 != "/" } }) == [
                    "source", "target", "scratch", "blocks",
                ])
        }
    }
}
