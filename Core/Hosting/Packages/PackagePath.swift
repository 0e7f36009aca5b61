/// Paths of files inside a package.
enum PackagePath {
    static let manifest = "plugin.json"
    static let object = "plugin.so"
    static let list = "plugin.files"
    static let signature = "plugin.files.minisig"
    /// Folders inside each other.
    static let deepest = 16
    static let longest = 512

    /// Relative, `/` between parts, no `.`, `..` or empty parts, no control characters.
    static func isValid(_ path: String) -> Bool {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return path.utf8.count <= longest && parts.count <= deepest
            && parts.allSatisfy { part in
                !part.isEmpty && part.count <= 255 && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
            } && path.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    /// What two names that some file system takes for one have in common: letter case.
    static func folded(_ path: String) -> [UInt8] { Array(path.lowercased().utf8) }
}
