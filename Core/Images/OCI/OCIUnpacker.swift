import Glibc
import Unpacking

/// The layers of an OCI image over each other (OCI image specification, layer.md), and its configuration as a startup
/// file.
struct OCIUnpacker {
    let layout: OCILayout
    let writer: TreeWriter
    let report: (String) -> Void

    func unpack() throws(ImageError) {
        let manifest = try layout.manifest()
        for (index, layer) in manifest.layers.enumerated() {
            report("unpacking layer \(index + 1) of \(manifest.layers.count)")
            if index > 0 { writer.beginLayer() }
            let source = ArchiveSource(try layout.openBlob(layer))
            let reader = try ArchiveReader(source, try layer.compression())
            try ArchiveUnpacker(writer: writer, kind: .layer).unpack(reader)
            try layout.check(try source.finish(), layer)
        }
        let startup = StartupFile(image: try layout.blob(manifest.configuration))
        guard let text = startup.text, try !writer.exists(StartupFile.name) else { return }
        let bytes = Array(text.utf8)
        try writer.file(StartupFile.name, EntryFacts(mode: 0o644), size: UInt64(bytes.count)) {
            file throws(ImageError) in
            let result: Result<Void, ImageError> = bytes.withUnsafeBytes { content in
                do throws(ImageError) {
                    return .success(try file.write(content, at: 0, name: "the startup file"))
                } catch { return .failure(error) }
            }
            try result.get()
        }
    }
}
