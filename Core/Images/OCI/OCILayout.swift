import CHost
import Glibc
import JSON
import Unpacking

/// An OCI image layout in a folder (OCI image specification, image-layout.md). Whatever is read is what its digest says.
struct OCILayout {
    let folder: FileHandle
    let limits: UnpackLimits

    /// Indexes in indexes, as builders for several platforms write them.
    private static let indexDepth = 4

    /// The manifest for this node's platform.
    func manifest() throws(ImageError) -> OCIManifest {
        let mark = try document(open("oci-layout"), "oci-layout")
        guard mark["imageLayoutVersion"]?.stringValue == "1.0.0" else {
            throw ImageError(.unsupported, "oci-layout does not say imageLayoutVersion 1.0.0")
        }
        let index = try document(open("index.json"), "index.json")
        guard let found = try manifest(in: index, "index.json", depth: 0) else {
            throw ImageError(.unsupported, "the image has no manifest for \(OCIDescriptor.ownPlatform)")
        }
        return found
    }

    private func manifest(in index: JSONValue, _ name: String, depth: Int) throws(ImageError) -> OCIManifest? {
        guard depth < Self.indexDepth else { throw ImageError(.invalid, "the image's indexes are nested too deeply") }
        guard index["schemaVersion"] == 2, let entries = index["manifests"]?.arrayValue else {
            throw ImageError(.invalid, "\(name) is no index of schemaVersion 2")
        }
        for entry in entries {
            let descriptor = try OCIDescriptor(entry, in: name)
            if descriptor.isIndex {
                let inner = try blob(descriptor)
                if let found = try manifest(in: inner, descriptor.digest.hex, depth: depth + 1) { return found }
            } else if descriptor.isManifest,
                descriptor.platform ?? OCIDescriptor.ownPlatform == OCIDescriptor.ownPlatform
            {
                return try OCIManifest(try blob(descriptor), name: descriptor.digest.hex, limits: limits)
            }
        }
        return nil
    }

    /// A document, verified.
    func blob(_ descriptor: OCIDescriptor) throws(ImageError) -> JSONValue {
        let bytes = try openBlob(descriptor).readAll(atMost: limits.document, name: descriptor.digest.hex)
        var digest = Digest()
        bytes.withUnsafeBytes { digest.update($0) }
        try check(digest.finish(), descriptor)
        return try Self.parse(bytes, descriptor.digest.hex)
    }

    /// A blob of the right size; its reader compares the digest.
    func openBlob(_ descriptor: OCIDescriptor) throws(ImageError) -> FileHandle {
        let file = try open("blobs/sha256/\(descriptor.digest.hex)")
        let size = try file.size()
        guard size == descriptor.size else {
            throw ImageError(
                .corrupt, "blob \(descriptor.digest.hex) has \(size) bytes and should have \(descriptor.size)")
        }
        return file
    }

    func check(_ digest: [UInt8], _ descriptor: OCIDescriptor) throws(ImageError) {
        guard digest == descriptor.digest.bytes else {
            throw ImageError(.corrupt, "blob \(descriptor.digest.hex) has another SHA-256 than its name says")
        }
    }

    private func document(_ file: FileHandle, _ name: String) throws(ImageError) -> JSONValue {
        try Self.parse(try file.readAll(atMost: limits.document, name: name), name)
    }

    private static func parse(_ bytes: [UInt8], _ name: String) throws(ImageError) -> JSONValue {
        do {
            return try JSONValue(parsing: bytes)
        } catch { throw ImageError(.invalid, "\(name) is no JSON: \(error)") }
    }

    private func open(_ path: String) throws(ImageError) -> FileHandle {
        let beneathWithoutLinks: UInt64 = 0x01 | 0x02 | 0x04 | 0x08
        let flags = UInt64(O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        let result = zos_openat2(folder.number, path, flags, 0, beneathWithoutLinks)
        if result == -ENOENT { throw ImageError(.invalid, "the image has no \(path)") }
        if result == -EACCES {
            throw ImageError(.denied, "\(path) of the image is not readable for everybody", hint: "chmod -R a+rX")
        }
        let file = FileHandle(taking: try checked(result, "open \(path) of the image"))
        var facts = stat()
        try checkedErrno(fstat(file.number, &facts), "look at \(path)")
        guard facts.st_mode & S_IFMT == S_IFREG else { throw ImageError(.invalid, "\(path) of the image is no file") }
        return file
    }
}
