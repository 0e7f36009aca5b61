import Foundation

/// The name of a new workload type, and what templates derive from it.
struct ProjectName: Sendable, Hashable {
    /// As on the wire: `my-type`.
    let type: String
    /// The plugin's id.
    let id: String

    /// - Throws: `invalid` for what the manifest of a plugin would be refused for.
    init(_ type: String, id: String?) throws(CommandError) {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let words = type.split(separator: "-", omittingEmptySubsequences: false)
        let areWords = words.allSatisfy { word in
            !word.isEmpty && word.utf8.allSatisfy { letters.contains($0) || digits.contains($0) }
        }
        // Forty-eight by docs/plugins.md; the first character also starts names of Swift, C and Rust.
        guard areWords, type.utf8.count <= 48, let first = type.utf8.first, letters.contains(first)
        else {
            throw CommandError(
                .invalid, "'\(type)' cannot be the name of a workload type",
                hint: "use lower-case words of letters and digits joined by single hyphens, at most 48 characters")
        }
        self.type = type
        self.id = id ?? "org.example.\(type)"
    }

    /// `my_type`, for C and Rust.
    var symbol: String { type.replacingOccurrences(of: "-", with: "_") }
    /// `MyType`, for Swift.
    var swift: String { type.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() }
}
