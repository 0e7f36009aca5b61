import Testing
import Unpacking

@Suite("Image references")
struct ImageReferenceTests {
    @Test(
        "the end of the path decides the form",
        arguments: [
            ("https://hub.example/a/b.fl", ImageForm.flatList), ("http://h/x.tar", .tar),
            ("http://h/x.tar.gz", .tarGzip),
            ("http://h/x.tgz", .tarGzip), ("http://h/x.TAR.ZST", .tarZstandard), ("http://h/x.oci.tar", .ociArchive),
            ("https://h/x.fl?version=2", .flatList), ("dir:///srv/x.fl", .flatList),
        ])
    func form(url: String, form: ImageForm) throws {
        #expect(try ImageReference(url).form == form)
    }

    @Test("a folder of the node has no form")
    func folder() throws {
        let reference = try ImageReference("dir:///srv/roots/one")
        #expect(reference.form == nil)
        #expect(reference.place == .node(path: "/srv/roots/one"))
    }

    @Test("the fragment is the digest of the file")
    func digest() throws {
        let digits = String(repeating: "0f", count: 32)
        let reference = try ImageReference("https://h/x.fl#sha256=\(digits)")
        #expect(reference.digest == [UInt8](repeating: 15, count: 32))
        #expect(reference.url == "https://h/x.fl")
        #expect(throws: ImageError.self) { try ImageReference("https://h/x.fl#sha256=00") }
        #expect(throws: ImageError.self) { try ImageReference("https://h/x.fl#md5=\(digits)") }
    }

    @Test("the older format is refused with the text of the grid")
    func legacy() {
        #expect(
            throws: ImageError(
                .unsupported, "legacy flist format is not supported", hint: "convert it to .fl, or use OCI or tar")
        ) { try ImageReference("https://hub.example/a.flist") }
    }

    @Test(
        "an image that the kernel would read is refused, saying who could allow it", arguments: [".erofs", ".squashfs"])
    func kernelImages(ending: String) throws {
        let error = #expect(throws: ImageError.self) { try ImageReference("https://h/x\(ending)") }
        #expect(error?.code == .denied)
        #expect(error?.message.contains("operator lists") == true)
    }

    @Test(
        "what is no URL of a root is refused",
        arguments: [
            "", "x.fl", "ftp://h/x.fl", "file:///etc/passwd", "http:///x.fl", "http://user:word@h/x.fl",
            "http://h/x.iso",
            "http://h/x y.fl", "http://h/x\n.fl", "http://h/\u{e9}.fl", "http://h.fl", "http://h/?x.fl",
            "https://h/" + String(repeating: "a", count: 2048) + ".fl",
        ])
    func refused(url: String) {
        #expect(throws: ImageError.self) { try ImageReference(url) }
    }
}
