/// Joins the parts of a preimage without separators (docs/spec/deployment.md section 7).
struct PreimageWriter {
    private(set) var bytes: [UInt8] = []

    mutating func number(_ value: some FixedWidthInteger) { text(String(value)) }
    mutating func bool(_ value: Bool) { text(value ? "true" : "false") }
    mutating func text(_ text: String) { bytes += text.utf8 }
    mutating func part(_ part: [UInt8]) { bytes += part }
}
