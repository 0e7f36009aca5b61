/// Text of plugins on its way to people: logs, reasons, results.
///
/// Terminals act on control characters, and some of Unicode's turn the order of what is read; both become visible escapes.
package enum PlainText {
    /// One line without them, of at most that many bytes.
    package static func line(_ text: String, atMost limit: Int = 2048) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            guard output.utf8.count < limit else { return output + "…" }
            switch scalar.value {
            case 0x0a: output += "\\n"
            case 0x09: output += "\\t"
            case 0..<0x20, 0x7f..<0xa0, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069:
                output += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
