import Glibc
import JSON

/// Packs OCI image layouts.
public struct OCIPacker {
    /// Blobs by digest.
    public var blobs: [String: [UInt8]] = [:]
    public var index: [UInt8] = []
    public var mark = Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)

    public struct Layer: Sendable {
        public let bytes: [UInt8]
        public let mediaType: String

        public init(_ bytes: [UInt8], _ mediaType: String = "application/vnd.oci.image.layer.v1.tar") {
            self.bytes = bytes
            self.mediaType = mediaType
        }
    }

    public init(layers: [Layer], configuration: String = #"{"architecture":"amd64","os":"linux","config":{}}"#) {
        let described = layers.map { descriptor($0.bytes, $0.mediaType) }.joined(separator: ",")
        let config = descriptor(Array(configuration.utf8), "application/vnd.oci.image.config.v1+json")
        let manifest = Array(
            #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":\#(config),"layers":[\#(described)]}"#
                .utf8)
        let entry = descriptor(manifest, "application/vnd.oci.image.manifest.v1+json")
        index = Array(#"{"schemaVersion":2,"manifests":[\#(entry)]}"#.utf8)
    }

    /// Keeps the blob and gives its descriptor.
    public mutating func descriptor(_ bytes: [UInt8], _ mediaType: String, more: String = "") -> String {
        let digest = FixtureFile.sha256Text(bytes)
        blobs[digest] = bytes
        return #"{"mediaType":"\#(mediaType)","digest":"sha256:\#(digest)","size":\#(bytes.count)\#(more)}"#
    }

    public var entries: [FixtureEntry] {
        [
            FixtureEntry("oci-layout", .file(mark)), FixtureEntry("index.json", .file(index)),
            FixtureEntry("blobs", .folder, mode: 0o755), FixtureEntry("blobs/sha256", .folder, mode: 0o755),
        ] + blobs.sorted { $0.key < $1.key }.map { FixtureEntry("blobs/sha256/\($0.key)", .file($0.value)) }
    }

    public var tar: [UInt8] { TarPacker.pack(entries) }

    public func write(to folder: String) {
        mkdir("\(folder)/blobs", 0o755)
        mkdir("\(folder)/blobs/sha256", 0o755)
        for entry in entries {
            guard case .file(let bytes) = entry.kind else { continue }
            FixtureFile.write("\(folder)/\(String(decoding: entry.path, as: UTF8.self))", bytes)
        }
    }
}
