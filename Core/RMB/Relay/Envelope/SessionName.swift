import Signatures

/// The name of a session of ours.
///
/// It never starts with a digit, because nothing stands between twin and session in what is signed (rmb-relay.md
/// section 10, hole 8), and is short enough for every peer's token (section 4).
public struct SessionName: Sendable, Hashable, CustomStringConvertible {
    /// Most bytes of a session's name; beyond, tokens of Go peers exceed 256 bytes and are refused by relays.
    public static let lengthLimit = 90

    public let description: String

    /// - Throws: `configuration` for an empty or long name, a digit in front, or other characters than ASCII letters,
    ///   digits, `-`, `_` and `.`.
    public init(_ name: String) throws(RMBError) {
        let bytes = Array(name.utf8)
        guard let first = bytes.first, bytes.count <= Self.lengthLimit, !(0x30...0x39 ~= first),
            bytes.allSatisfy(Self.isAllowed)
        else {
            throw RMBError(
                .configuration,
                "a session's name has 1 to \(Self.lengthLimit) letters, digits, '-', '_' or '.' and does not start with"
                    + " a digit")
        }
        description = name
    }

    /// A name that no other session has.
    public static func random() -> SessionName { SessionName(made: "s" + Hex.encode(Sodium.random(12))) }

    private init(made name: String) { description = name }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }
}
