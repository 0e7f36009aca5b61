/// The name of a workload: 1 to 36 bytes of `A-Z a-z 0-9 _`, not `ygg` (docs/spec/deployment.md section 4.1).
public struct WorkloadName: Sendable, Hashable, CustomStringConvertible {
    /// Bytes that a name may have: the longest tag of a shared file system in a guest.
    public static let maximumLength = 36

    public let text: String

    /// Checks the text; the error's message is the grid's cause text.
    public init(validating text: String) throws(NamingError) {
        let bytes = text.utf8
        guard !bytes.isEmpty else { throw NamingError(.empty, "name cannot be empty") }
        guard bytes.count <= Self.maximumLength else {
            throw NamingError(.tooLong, "name cannot exceed 36 characters")
        }
        guard bytes.allSatisfy(Self.isAllowed) else {
            throw NamingError(.unsupportedCharacter, "unsupported character in workload name")
        }
        guard !bytes.elementsEqual("ygg".utf8) else {
            throw NamingError(.reserved, "invalid name 'ygg' is reserved")
        }
        self.text = text
    }

    public var description: String { text }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
