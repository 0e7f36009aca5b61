import JSON
import Signatures

/// The cases of the RFC 8785 suite: a folder with `input`, `output` and `outhex`.
struct CanonicalVectors {
    var tally: VectorTally

    /// - Parameters:
    ///   - output: the canonical text.
    ///   - hexadecimal: the same as hexadecimal digits with white space, if the suite has it.
    mutating func run(_ name: String, input: [UInt8], output: [UInt8], hexadecimal: [UInt8]?) {
        do throws(JSONError) {
            let canonical = try JSONValue(parsing: input).canonicalText()
            tally.check(name, "canonical text", expected: String(decoding: output, as: UTF8.self), got: canonical)
            let again = try JSONValue(parsing: output).canonicalText()
            tally.check(name, "canonical text of itself", expected: canonical, got: again)
            if let hexadecimal {
                let digits = hexadecimal.filter { $0 > UInt8(ascii: " ") }
                tally.check(
                    name, "bytes", expected: String(decoding: digits, as: UTF8.self).lowercased(),
                    got: Hex.encode(canonical.utf8))
            }
        } catch {
            tally.fail(name, "canonical text", error)
        }
    }
}
