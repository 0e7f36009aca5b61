/// The forms in which a root file system may come (docs/spec/flist.md section 1).
public enum ImageForm: String, Sendable, Codable, CaseIterable {
    /// Metadata in SQLite, content in block stores.
    case flatList = "fl"
    case tar
    case tarGzip = "tar.gz"
    case tarZstandard = "tar.zst"
    /// An OCI image layout in a tar.
    case ociArchive = "oci.tar"
    /// An OCI image layout as a folder, named by its `index.json`.
    case ociLayout = "oci"

    /// What the node gets of it first may have at most so many bytes; nil: as many as a root may have.
    public var sourceLimit: UInt64? {
        switch self {
        case .flatList: 64 << 20
        case .ociLayout: 4 << 20
        default: nil
        }
    }

    /// By the end of a path; nil for a path that says nothing, which is a folder's.
    static func named(by path: String) throws(ImageError) -> ImageForm? {
        let path = path.lowercased()
        if path.hasSuffix(".flist") {
            throw ImageError(
                .unsupported, "legacy flist format is not supported", hint: "convert it to .fl, or use OCI or tar")
        }
        for ending in [".erofs", ".squashfs"] where path.hasSuffix(ending) {
            throw ImageError(
                .denied,
                "a \(ending) image would be read by the kernel of the node, which does so only for images that the "
                    + "operator lists, and none is listed",
                hint: "use .fl, .oci.tar, .tar, .tar.gz or .tar.zst")
        }
        if path.hasSuffix(".tgz") { return .tarGzip }
        // The longer endings first: `.oci.tar` is also a `.tar`.
        let endings: [ImageForm] = [.ociArchive, .tarGzip, .tarZstandard, .flatList, .tar]
        return endings.first { path.hasSuffix(".\($0.rawValue)") }
    }
}
