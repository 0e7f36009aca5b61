import Signatures

/// The forms of message ids that are accepted: they may hold nothing that could slide into the next member of the
/// challenge (`docs/spec/rmb-direct.md` section 9, hole 5).
enum MessageUID {
    /// `digits.digits`, as buses count, or a UUID.
    static func isWellFormed(_ text: String) -> Bool { isCounter(text) || UUIDText.isWellFormed(text) }

    private static func isCounter(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { part in !part.isEmpty && part.allSatisfy { 0x30...0x39 ~= $0 } }
    }
}

/// Random UUIDs of version 4 as text.
enum UUIDText {
    static func random() -> String {
        var bytes = Sodium.random(16)
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = Array(Hex.encode(bytes).utf8)
        let groups = [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
        return groups.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    }

    /// Groups of 8, 4, 4, 4 and 12 hexadecimal digits.
    static func isWellFormed(_ text: String) -> Bool { hasGroups(text, isVariant: isHex) }

    /// Version 4 and the pattern that `/zbus-result` has always used, with the literal `|` that slipped into it.
    static func isResultQueue(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return hasGroups(text) { "89abAB|".utf8.contains($0) } && bytes[14] == UInt8(ascii: "4")
    }

    private static func hasGroups(_ text: String, isVariant: (UInt8) -> Bool) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            switch index {
            case 8, 13, 18, 23: byte == UInt8(ascii: "-")
            case 19: isVariant(byte)
            default: isHex(byte)
            }
        }
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        0x30...0x39 ~= byte || 0x41...0x46 ~= byte || 0x61...0x66 ~= byte
    }
}
