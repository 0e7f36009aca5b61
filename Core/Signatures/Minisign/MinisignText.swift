/// The lines that minisign's files consist of.
enum MinisignText {
    static let untrustedPrefix = "untrusted comment: "
    static let trustedPrefix = "trusted comment: "

    /// Lines without their ends; a last empty one is left out. A carriage return before the end is dropped.
    static func lines(_ text: String) -> [String] {
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    static func isUntrustedComment(_ line: String) -> Bool { line.utf8.starts(with: untrustedPrefix.utf8) }

    static func trustedComment(_ line: String) -> String? {
        guard line.utf8.starts(with: trustedPrefix.utf8) else { return nil }
        return String(decoding: line.utf8.dropFirst(trustedPrefix.utf8.count), as: UTF8.self)
    }
}
