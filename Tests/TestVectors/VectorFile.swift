import Foundation
import JSON

/// The vector files in `Tests/Vectors`, found by the place of this source file.
public enum VectorFile {
    /// `Tests/Vectors` of the checkout that the tests were built from.
    public static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Vectors", directoryHint: .isDirectory)

    /// The bytes of a file; the name may hold folders, such as `jcs-rfc8785/input/arrays.json`.
    public static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name)))
    }

    /// A JSON file; half surrogates in it become U+FFFD.
    public static func load(_ name: String) throws -> JSONValue {
        try JSONValue(parsing: bytes(name), mode: .lenient)
    }

    /// The names of the files of a folder below `Tests/Vectors`, sorted; `""` is that folder itself.
    public static func names(in name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: name).path()).sorted()
    }
}
