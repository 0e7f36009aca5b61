import Foundation

/// Lines of TOML that are added to those that 'zos up' writes: members to the front, tables to the end.
struct ExtraConfiguration: Sendable {
    let members: [String]
    let tables: [String]

    /// - Throws: `invalid` for a file that cannot be read. What is in it the node itself looks at.
    init(path: String) throws(CommandError) {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw CommandError(.invalid, "\(path) cannot be read")
        }
        self.init(text: String(decoding: bytes, as: UTF8.self))
    }

    init(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let first = lines.firstIndex { $0.drop { $0 == " " || $0 == "\t" }.hasPrefix("[") } ?? lines.endIndex
        members = Array(lines[..<first])
        tables = Array(lines[first...])
    }
}
