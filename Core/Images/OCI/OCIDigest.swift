import Unpacking

/// The name of a blob: `sha256:` and 64 lower-case hexadecimal digits. No other algorithm is taken.
struct OCIDigest: Hashable {
    let bytes: [UInt8]
    let hex: String

    init(_ text: String) throws(ImageError) {
        let mark = "sha256:"
        let digits = Array(text.utf8.dropFirst(mark.utf8.count))
        var bytes: [UInt8] = []
        if text.hasPrefix(mark), digits.count == 64 {
            for index in stride(from: 0, to: 64, by: 2) {
                guard let high = Self.value(digits[index]), let low = Self.value(digits[index + 1]) else { break }
                bytes.append(high << 4 | low)
            }
        }
        guard bytes.count == 32 else {
            throw ImageError(.unsupported, "'\(text.prefix(100))' is no digest of the form sha256: and 64 digits")
        }
        self.bytes = bytes
        hex = String(decoding: digits, as: UTF8.self)
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
