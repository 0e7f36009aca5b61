import Glibc
import ImageFixtures
import Testing
import Unpacking

@testable import Images

@Suite("OCI images")
struct OCITests {
    private func layer(_ entries: [FixtureEntry]) -> OCIPacker.Layer { OCIPacker.Layer(TarPacker.pack(entries)) }

    private func unpack(_ packer: OCIPacker, in unpacking: UnpackCase = UnpackCase()) throws(ImageError) -> [String] {
        try unpacking.unpack(packer.tar, .ociArchive)
        return FixtureFile.list(unpacking.target)
    }

    private func refusal(_ packer: OCIPacker, in unpacking: UnpackCase = UnpackCase()) -> ImageError? {
        do throws(ImageError) {
            _ = try unpack(packer, in: unpacking)
            return nil
        } catch { return error }
    }

    @Test("layers lie over each other; whiteouts take away what is below")
    func layers() throws {
        let unpacking = UnpackCase()
        let packer = OCIPacker(layers: [
            layer([
                FixtureEntry("a", .folder, mode: 0o755), FixtureEntry("a/gone", .file([1])),
                FixtureEntry("a/stays", .file([2])),
                FixtureEntry("tree/deep/file", .file([3])), FixtureEntry("was-file", .file([4])),
                FixtureEntry("was-folder/f", .file([5])),
                FixtureEntry("opaque/old", .file([6])), FixtureEntry("opaque/dir/old", .file([6])),
            ]),
            layer([
                FixtureEntry("a/.wh.gone", .file([])), FixtureEntry(".wh.tree", .file([])),
                FixtureEntry("was-file", .folder, mode: 0o700),
                FixtureEntry("was-folder", .file([7])), FixtureEntry("opaque/new", .file([8])),
                FixtureEntry("opaque/dir/new", .file([8])),
                FixtureEntry("opaque/.wh..wh..opq", .file([])), FixtureEntry("a/stays", .file([9])),
            ]),
        ])
        #expect(
            try unpack(packer, in: unpacking) == [
                "a", "a/stays", "opaque", "opaque/dir", "opaque/dir/new", "opaque/new", "was-file", "was-folder",
            ])
        #expect(FixtureFile.read(unpacking.target + "/a/stays") == [9])
    }

    @Test("a whiteout takes away nothing of its own layer, whatever the order")
    func ownLayer() throws {
        let packer = OCIPacker(layers: [
            layer([FixtureEntry("f", .file([1]))]),
            layer([
                FixtureEntry("g", .file([2])), FixtureEntry(".wh.g", .file([])), FixtureEntry(".wh.f", .file([])),
                FixtureEntry("f", .file([3])),
            ]),
        ])
        #expect(try unpack(packer) == ["f", "g"])
    }

    @Test("layouts in a folder, with compressed layers and an index in the index")
    func layout() throws {
        let unpacking = UnpackCase()
        let folder = unpacking.folder
        let tar = TarPacker.pack(FixtureEntry.root)
        var packer = OCIPacker(layers: [
            OCIPacker.Layer(
                FixtureFile.filter(tar, by: "gzip", in: folder.path), "application/vnd.oci.image.layer.v1.tar+gzip"),
            OCIPacker.Layer(
                FixtureFile.filter(TarPacker.pack([FixtureEntry("zst", .file([1]))]), by: "zstd -q", in: folder.path),
                "application/vnd.oci.image.layer.v1.tar+zstd"),
        ])
        let inner = packer.descriptor(packer.index, "application/vnd.oci.image.index.v1+json")
        let other = packer.descriptor(
            Array("{}".utf8), "application/vnd.oci.image.manifest.v1+json",
            more: #","platform":{"os":"linux","architecture":"s390x"}"#)
        packer.index = Array(#"{"schemaVersion":2,"manifests":[\#(other),\#(inner)]}"#.utf8)
        packer.write(to: folder.make("image"))
        try unpacking.unpack(unpacking.open(folder.path + "/image"), .ociLayout)
        let zst = FixtureEntry("zst", .file([1]))
        #expect(unpacking.listing == TreeListing.lines(FixtureEntry.root + [zst]))
    }

    @Test("the configuration becomes the startup file, unless the image has one")
    func startup() throws {
        let configuration =
            #"{"config":{"Entrypoint":["/bin/app","-v"],"Cmd":["a \"b\""],"Env":["PATH=/bin","X=1=2","bad"],"WorkingDir":"/srv"}}"#
        let unpacking = UnpackCase()
        let packer = OCIPacker(layers: [layer([FixtureEntry("f", .file([1]))])], configuration: configuration)
        _ = try unpack(packer, in: unpacking)
        #expect(
            String(decoding: FixtureFile.read(unpacking.target + "/.startup.toml"), as: UTF8.self) == """
                [startup.entry]
                name = "core.system"

                [startup.entry.args]
                name = "/bin/app"
                args = ["-v", "a \\"b\\""]
                dir = "/srv"

                [startup.entry.args.env]
                PATH = "/bin"
                X = "1=2"

                """)
        let own = UnpackCase()
        _ = try unpack(
            OCIPacker(layers: [layer([FixtureEntry(".startup.toml", .file([65]))])], configuration: configuration),
            in: own)
        #expect(FixtureFile.read(own.target + "/.startup.toml") == [65])
    }

    @Test("wrong hashes are refused at every level", arguments: ["manifest.v1", "config.v1", "layer.v1"])
    func wrongHash(level: String) throws {
        var packer = OCIPacker(layers: [layer([FixtureEntry("f", .file([1]))])])
        let manifest = try #require(
            packer.blobs.first { String(decoding: $0.value, as: UTF8.self).contains("manifest.v1") })
        let text = String(decoding: manifest.value, as: UTF8.self)
        let name: String
        if level == "manifest.v1" {
            name = manifest.key
        } else {
            let part = try #require(text.split(separator: "{").first { $0.contains(level) })
            name = try #require(part.split(separator: "\"").first { $0.hasPrefix("sha256:") }).dropFirst(7).description
        }
        // Same length, still readable: only the hash tells.
        var bytes = try #require(packer.blobs[name])
        if level == "layer.v1" {
            bytes[512] ^= 1
        } else {
            bytes[bytes.count - 1] = UInt8(ascii: "}"); bytes[0] = UInt8(ascii: "{"); bytes[1] = UInt8(ascii: " ")
        }
        packer.blobs[name] = bytes
        let error = refusal(packer)
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains("another SHA-256") == true)
    }

    @Test("a blob of another size, a missing one and other digests are refused")
    func wrongBlobs() throws {
        var packer = OCIPacker(layers: [layer([FixtureEntry("f", .file([1]))])])
        let name = try #require(packer.blobs.first { $0.value.count == 2048 }?.key)
        packer.blobs[name]?.append(0)
        #expect(refusal(packer)?.code == .corrupt)
        packer.blobs[name] = nil
        #expect(refusal(packer)?.message.contains("has no blobs") == true)
        packer.index = Array(
            String(decoding: packer.index, as: UTF8.self).split(separator: "sha256:").joined(separator: "sha512:").utf8)
        #expect(refusal(packer)?.code == .unsupported)
        packer.index = Array(
            #"{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:../../../etc/passwd","size":1}]}"#
                .utf8)
        #expect(refusal(packer)?.code == .unsupported)
    }

    @Test(
        "documents of another shape are refused",
        arguments: [
            "", "[]", "{", #"{"schemaVersion":1,"manifests":[]}"#, #"{"schemaVersion":2,"manifests":[]}"#,
            #"{"schemaVersion":2,"manifests":[7]}"#,
            #"{"schemaVersion":2,"manifests":{}}"#,
        ])
    func wrongIndex(text: String) {
        var packer = OCIPacker(layers: [layer([])])
        packer.index = Array(text.utf8)
        #expect(refusal(packer) != nil)
    }

    @Test("an index that is nested without end is refused")
    func nestedIndex() {
        var packer = OCIPacker(layers: [layer([])])
        for _ in 0..<6 {
            let inner = packer.descriptor(packer.index, "application/vnd.oci.image.index.v1+json")
            packer.index = Array(#"{"schemaVersion":2,"manifests":[\#(inner)]}"#.utf8)
        }
        #expect(refusal(packer)?.message.contains("nested too deeply") == true)
    }

    @Test("layers of other types, and too many of them, are refused")
    func layerTypes() {
        let foreign = OCIPacker.Layer(TarPacker.pack([]), "application/vnd.oci.image.layer.nondistributable.v1.tar")
        #expect(refusal(OCIPacker(layers: [foreign]))?.code == .unsupported)
        var unpacking = UnpackCase()
        unpacking.limits.layers = 3
        #expect(refusal(OCIPacker(layers: Array(repeating: layer([]), count: 4)), in: unpacking)?.code == .tooLarge)
    }

    @Test("a layer writes through no link of a lower one")
    func linkInLowerLayer() {
        let unpacking = UnpackCase()
        let packer = OCIPacker(layers: [
            layer([FixtureEntry("etc", .link("/etc"))]), layer([FixtureEntry("etc/evil", .file([1]))]),
        ])
        #expect(refusal(packer, in: unpacking)?.code == .invalid)
        let whiteOut = OCIPacker(layers: [
            layer([FixtureEntry("etc", .link("/etc"))]), layer([FixtureEntry("etc/.wh.passwd", .file([]))]),
        ])
        #expect(refusal(whiteOut)?.code == .invalid)
        #expect(access("/etc/passwd", F_OK) == 0)
    }

    @Test("whiteouts of what is no name take nothing away", arguments: [".wh.", ".wh...", ".wh.."])
    func wrongWhiteOut(name: String) {
        let packer = OCIPacker(layers: [
            layer([FixtureEntry("a/f", .file([1]))]), layer([FixtureEntry("a/\(name)", .file([]))]),
        ])
        #expect(refusal(packer)?.code == .invalid)
    }

    @Test("the tar of an image brings nothing but its layout")
    func otherEntries() throws {
        var packer = OCIPacker(layers: [layer([FixtureEntry("f", .file([1]))])])
        packer.mark = Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)
        let unpacking = UnpackCase()
        let more = [
            FixtureEntry("manifest.json", .file([1])), FixtureEntry("blobs/sha256/evil", .link("/etc/passwd")),
            FixtureEntry("x", .device),
        ]
        try unpacking.unpack(TarPacker.pack(more + packer.entries), .ociArchive)
        #expect(FixtureFile.list(unpacking.target) == ["f"])
        #expect(throws: ImageError.self) {
            try UnpackCase().unpack(
                TarPacker.pack([FixtureEntry("../index.json", .file([1]))] + packer.entries), .ociArchive)
        }
    }
}
