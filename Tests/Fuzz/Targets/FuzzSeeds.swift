import Foundation
import JSON
import Signatures
import TestVectors

/// Inputs to begin from, out of the vector files.
enum FuzzSeeds {
    /// Every text of a file that stands under one of these member names, at whatever depth.
    static func texts(_ file: String, _ names: Set<String>) throws -> [[UInt8]] {
        var found: [[UInt8]] = []
        visit(try VectorFile.load(file)) { name, value in
            if names.contains(name), let text = value.stringValue { found.append(Array(text.utf8)) }
        }
        return unique(found)
    }

    /// All texts of a file, and the bytes of those that are hexadecimal, which a decoder takes.
    static func accepted(_ file: String, _ isAccepted: ([UInt8]) -> Bool) throws -> [[UInt8]] {
        var found: [[UInt8]] = []
        visit(try VectorFile.load(file)) { _, value in
            guard let text = value.stringValue else { return }
            let digits = text.hasPrefix("0x") ? Array(text.utf8.dropFirst(2)) : Array(text.utf8)
            // What is no hexadecimal is looked at as text alone.
            let candidates = [Array(text.utf8)] + ((try? Hex.decode(digits)).map { [$0] } ?? [])
            found += candidates.filter { !$0.isEmpty && isAccepted($0) }
        }
        return unique(found)
    }

    /// The bytes of `0x` texts under these member names, of cases of these kinds.
    static func chain(_ kinds: Set<String>, _ name: String) throws -> [(entry: JSONValue, bytes: [UInt8])] {
        (try VectorFile.load("tfchain.json")["cases"]?.arrayValue ?? []).compactMap { entry in
            guard kinds.contains(entry["kind"]?.stringValue ?? ""), let text = entry[name]?.stringValue,
                let bytes = try? Hex.decode(text.utf8.dropFirst(2))  // Texts of another kind are no seeds.
            else { return nil }
            return (entry, bytes)
        }
    }

    /// Files of this repository whose paths end so, below some folders.
    static func files(_ folders: [String], _ ending: String) throws -> [[UInt8]] {
        let root = VectorFile.folder.deletingLastPathComponent().deletingLastPathComponent()
        return try folders.flatMap { folder in
            let place = root.appending(path: folder)
            let names = try FileManager.default.subpathsOfDirectory(atPath: place.path(percentEncoded: false)).sorted()
            return try names.filter { $0.hasSuffix(ending) && !$0.contains(".build") }
                .map { Array(try Data(contentsOf: place.appending(path: $0))) }
        }
    }

    static func unique(_ inputs: [[UInt8]]) -> [[UInt8]] {
        var seen: Set<[UInt8]> = []
        return inputs.filter { seen.insert($0).inserted }
    }

    private static func visit(_ value: JSONValue, _ name: String = "", _ body: (String, JSONValue) -> Void) {
        body(name, value)
        for element in value.arrayValue ?? [] { visit(element, name, body) }
        for member in value.objectValue?.members ?? [] { visit(member.value, member.key, body) }
    }
}
