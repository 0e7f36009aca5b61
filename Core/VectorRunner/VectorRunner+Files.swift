import Deployments
import Foundation
import JSON

extension VectorRunner {
    /// Runs a file, or every file of a folder. A folder with `input` and `output` is an RFC 8785 suite, and so is a file
    /// in one of these.
    ///
    /// - Returns: a report per file, with the file's path.
    public static func run(
        path: String, plugins: (any TypeRules)? = nil
    ) async throws(VectorError) -> [(path: String, report: VectorReport)] {
        let place = URL(filePath: path)
        guard isFolder(place) else {
            let suite = place.deletingLastPathComponent().deletingLastPathComponent()
            if let names = suiteFolders(suite), names.contains(place.deletingLastPathComponent().lastPathComponent) {
                return [(path, try canonical(suite, name: place.deletingPathExtension().lastPathComponent))]
            }
            let report = try await run(try bytes(place), plugins: plugins) { name in
                // One that is not there, or cannot be read, makes the checks that need it not applicable.
                try? bytes(place.deletingLastPathComponent().appending(path: name))
            }
            return [(path, report)]
        }
        if suiteFolders(place) != nil {
            var reports: [(path: String, report: VectorReport)] = []
            for name in try names(place.appending(path: "input")) where name.hasSuffix(".json") {
                reports.append(("\(path)/input/\(name)", try canonical(place, name: String(name.dropLast(5)))))
            }
            return reports
        }
        var reports: [(path: String, report: VectorReport)] = []
        for name in try names(place) where name.hasSuffix(".json") || isFolder(place.appending(path: name)) {
            reports += try await run(path: "\(path)/\(name)", plugins: plugins)
        }
        return reports
    }

    private static func canonical(_ suite: URL, name: String) throws(VectorError) -> VectorReport {
        var vectors = CanonicalVectors(tally: VectorTally(.canonicalJSON))
        let hexadecimal = suite.appending(path: "outhex/\(name).txt")
        vectors.run(
            name, input: try bytes(suite.appending(path: "input/\(name).json")),
            output: try bytes(suite.appending(path: "output/\(name).json")),
            hexadecimal: FileManager.default.fileExists(atPath: hexadecimal.path(percentEncoded: false))
                ? try bytes(hexadecimal) : nil)
        return vectors.tally.report
    }

    private static func suiteFolders(_ place: URL) -> [String]? {
        let folders = ["input", "output"]
        return folders.allSatisfy { isFolder(place.appending(path: $0)) } ? folders + ["outhex"] : nil
    }

    private static func isFolder(_ place: URL) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: place.path(percentEncoded: false), isDirectory: &isFolder)
            && isFolder.boolValue
    }

    private static func names(_ place: URL) throws(VectorError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: place.path(percentEncoded: false)).sorted()
        } catch {
            throw VectorError("cannot read folder \(place.path(percentEncoded: false)): \(error.localizedDescription)")
        }
    }

    private static func bytes(_ place: URL) throws(VectorError) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: place))
        } catch {
            throw VectorError("cannot read \(place.path(percentEncoded: false)): \(error.localizedDescription)")
        }
    }
}
