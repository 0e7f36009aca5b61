import JSON

/// What a slot of a companion's command line may hold (docs/spec/plugin-protocol.md section 5).
public enum CompanionSlotType: Sendable, Hashable {
    case integer(min: Int64, max: Int64)
    case enumeration([String])
    /// A workload or device id: 1 to 64 of `A-Z a-z 0-9 _ . -`, not beginning with `.` or `-`.
    case name
    case mac
    /// An IP address in digits, in its usual spelling.
    case address(Family)
    /// A file in the instance's folder, at most `depth` names deep; inserted as its whole path.
    case path(depth: Int)
    /// A path that means something to the program alone, such as one inside a machine: absolute, of names of
    /// `A-Z a-z 0-9 _ . -`, none of them `.` or `..`; inserted as it is.
    case innerPath
    /// Inserted as its number in the companion, or as `/dev/fd/<number>`.
    case descriptor(asPath: Bool)
    /// A text of at most so many bytes, that the companion reads from a sealed memory file; inserted like a descriptor.
    case file(most: Int, asPath: Bool)

    public enum Family: String, Sendable { case v4 = "ipv4", v6 = "ipv6" }

    static let mostFileBytes: UInt64 = 1 << 20
    private static let names = "integer, enumeration, name, mac, address, path, inner-path, descriptor and file"

    init(parsing value: JSONValue, _ path: String) throws(HostingError) {
        func wrong(_ text: String) -> HostingError { HostingError(.badManifest, "\(path): \(text)") }
        let name = value.stringValue ?? value["type"]?.stringValue ?? ""
        self = try Self.type(name, value, path)
        guard let separators = value["separators"] else { return }
        guard let bytes = separators.stringValue?.utf8, !bytes.isEmpty, bytes.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw wrong("separators has to be a text of visible ASCII characters")
        }
        if let byte = bytes.first(where: mayContain) {
            throw wrong("a slot of type \(name) may contain the separator \(Character(Unicode.Scalar(byte)))")
        }
    }

    private static func type(
        _ name: String, _ value: JSONValue, _ path: String
    ) throws(HostingError) -> CompanionSlotType {
        func wrong(_ text: String) -> HostingError { HostingError(.badManifest, "\(path): \(text)") }
        func asPath(default fallback: Bool) throws(HostingError) -> Bool {
            switch value["as"] {
            case nil: return fallback
            case .string("number")?: return false
            case .string("path")?: return true
            default: throw wrong(#""as" has to be "number" or "path""#)
            }
        }
        func number(_ member: String, _ bounds: ClosedRange<UInt64>, _ fallback: UInt64) throws(HostingError) -> Int {
            guard let number = (value[member] ?? .number(JSONNumber(fallback))).uint64Value, bounds.contains(number)
            else { throw wrong("\(member) has to be from \(bounds.lowerBound) to \(bounds.upperBound)") }
            return Int(number)
        }
        switch name {
        case "integer":
            guard let least = (value["min"] ?? 0).int64Value, let most = (value["max"] ?? 4_294_967_295).int64Value,
                least <= most
            else { throw wrong("an integer slot needs min ≤ max, both whole numbers") }
            return .integer(min: least, max: most)
        case "enumeration":
            let values = (value["values"]?.arrayValue ?? []).compactMap(\.stringValue)
            guard !values.isEmpty, values.count == value["values"]?.arrayValue?.count,
                values.allSatisfy({ !$0.utf8.contains(0) })
            else { throw wrong("an enumeration slot needs values, a list of texts") }
            return .enumeration(values)
        case "name": return .name
        case "mac": return .mac
        case "address":
            guard let family = Family(rawValue: value["family"]?.stringValue ?? "ipv4") else {
                throw wrong(#"family has to be "ipv4" or "ipv6""#)
            }
            return .address(family)
        case "path": return .path(depth: try number("depth", 1...8, 1))
        case "inner-path": return .innerPath
        case "descriptor": return .descriptor(asPath: try asPath(default: false))
        case "file":
            return .file(most: try number("max", 1...mostFileBytes, 65536), asPath: try asPath(default: true))
        default: throw wrong("a slot's type is one of \(names)")
        }
    }

    /// Whether what is inserted can have this byte: what a program takes for a separator must not be among them.
    func mayContain(_ byte: UInt8) -> Bool {
        let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        switch self {
        case .integer(let least, _): return isDigit || (least < 0 && byte == UInt8(ascii: "-"))
        case .enumeration(let values): return values.contains { $0.utf8.contains(byte) }
        case .name: return CompanionText.isNameByte(byte)
        case .mac: return isDigit || byte == UInt8(ascii: ":") || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        case .address(.v4): return isDigit || byte == UInt8(ascii: ".")
        case .address(.v6):
            return isDigit || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        case .path, .innerPath: return CompanionText.isNameByte(byte) || byte == UInt8(ascii: "/")
        case .descriptor(let asPath), .file(_, let asPath):
            return isDigit || (asPath && "/dev/fd/".utf8.contains(byte))
        }
    }
}
