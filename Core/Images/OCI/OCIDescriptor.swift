import JSON
import Unpacking

/// How an OCI document names another one: type, digest and size (OCI image specification, descriptor.md).
struct OCIDescriptor: Hashable {
    let mediaType: String
    let digest: OCIDigest
    let size: UInt64
    /// `os/architecture`, where the document says so.
    let platform: String?

    init(_ value: JSONValue, in document: String) throws(ImageError) {
        guard let mediaType = value["mediaType"]?.stringValue, let digest = value["digest"]?.stringValue,
            let size = value["size"]?.uint64Value
        else { throw ImageError(.invalid, "\(document) names something without mediaType, digest and size") }
        self.mediaType = mediaType
        self.digest = try OCIDigest(digest)
        self.size = size
        platform = value["platform"].flatMap { platform in
            guard let system = platform["os"]?.stringValue, let architecture = platform["architecture"]?.stringValue
            else { return nil }
            return "\(system)/\(architecture)"
        }
    }

    var isIndex: Bool {
        mediaType == "application/vnd.oci.image.index.v1+json"
            || mediaType == "application/vnd.docker.distribution.manifest.list.v2+json"
    }
    var isManifest: Bool {
        mediaType == "application/vnd.oci.image.manifest.v1+json"
            || mediaType == "application/vnd.docker.distribution.manifest.v2+json"
    }

    /// How a layer is packed.
    func compression() throws(ImageError) -> ArchiveReader.Compression {
        switch mediaType {
        case "application/vnd.oci.image.layer.v1.tar", "application/vnd.docker.image.rootfs.diff.tar": .none
        case "application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.docker.image.rootfs.diff.tar.gzip": .gzip
        case "application/vnd.oci.image.layer.v1.tar+zstd", "application/vnd.docker.image.rootfs.diff.tar.zstd":
            .zstandard
        default:
            throw ImageError(.unsupported, "the image has a layer of type \(mediaType), which this node cannot read")
        }
    }

    /// The platform of this node, as images name it.
    static var ownPlatform: String {
        #if arch(arm64)
            "linux/arm64"
        #else
            "linux/amd64"
        #endif
    }
}
