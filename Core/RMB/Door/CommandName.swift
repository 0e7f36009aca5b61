/// A dotted command of ASCII letters, digits, `_` and `-`.
public struct CommandName: Sendable, Hashable, CustomStringConvertible {
    private static let lengthLimit = 256

    public let description: String
    /// The parts between the dots; never empty.
    public let parts: [String]

    /// nil for any other text. Within ASCII, Swift's comparison of strings is one of bytes.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.lengthLimit, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isAllowed) })
        else { return nil }
        description = text
        self.parts = parts.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether the bus of old would have read it as the name of one of its own lists.
    var isReserved: Bool { parts[0] == "system" || parts[0] == "counter" }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
