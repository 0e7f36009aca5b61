import Foundation

/// A project that the kit has as a template: files with placeholders in their names and their text.
struct ProjectTemplate: Sendable {
    let folder: String
    /// Placeholder and what takes its place.
    let values: [(String, String)]

    init(_ language: ProjectLanguage, of sdk: SDKFolder, for name: ProjectName) throws(CommandError) {
        folder = sdk.template(language)
        let abi = try sdk.abi()
        values = [
            ("__type__", name.type), ("__symbol__", name.symbol), ("__Type__", name.swift), ("__id__", name.id),
            ("__sdk__", sdk.path), ("__abi__", String(abi)),
            // A kit speaks its own version and the one before it.
            ("__abi_min__", String(abi > 1 ? abi - 1 : abi)),
        ]
        guard FileManager.default.fileExists(atPath: folder) else {
            throw CommandError(.notFound, "the kit has no template for \(language.rawValue): \(folder) is missing")
        }
    }

    /// Writes the project into a folder that must not exist or be empty.
    /// - Returns: the files, relative to it.
    func write(to destination: String) throws -> [String] {
        let present = (try? FileManager.default.contentsOfDirectory(atPath: destination)) ?? []  // None is fine.
        guard present.isEmpty else {
            throw CommandError(
                .invalid, "\(destination) is not empty", hint: "choose another name, or another place with --folder")
        }
        var written: [String] = []
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder).sorted() {
            let source = "\(folder)/\(path)"
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: source, isDirectory: &isFolder), !isFolder.boolValue,
                let bytes = FileManager.default.contents(atPath: source)
            else { continue }
            let relative = filled(path)
            let target = URL(fileURLWithPath: "\(destination)/\(relative)")
            try FileManager.default.createDirectory(
                at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(filled(String(decoding: bytes, as: UTF8.self)).utf8).write(to: target)
            written.append(relative)
        }
        return written
    }

    private func filled(_ text: String) -> String {
        values.reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
    }
}
