import JSON

/// A piece of a companion's command line. Only typed slots are variable: what they insert cannot contain a separator
/// of the program's syntax nor begin an option.
public indirect enum CompanionArgument: Sendable, Hashable {
    /// One argument, pieces joined.
    case joined([Piece])
    /// The arguments once per element of the list in the slot; its members are slots inside.
    case each(slot: String, [CompanionArgument])
    /// The arguments if the slot is true; an absent slot is false.
    case when(slot: String, [CompanionArgument])

    public enum Piece: Sendable, Hashable {
        case text(String)
        case slot(String, CompanionSlotType)
    }

    static func list(_ value: JSONValue, _ path: String) throws(HostingError) -> [CompanionArgument] {
        guard let values = value.arrayValue else { throw HostingError(.badManifest, "\(path) has to be a list") }
        var arguments: [CompanionArgument] = []
        for (index, value) in values.enumerated() { arguments.append(try Self(parsing: value, "\(path)/\(index)")) }
        return arguments
    }

    /// Reads one that yields exactly one text.
    init(single value: JSONValue, _ path: String) throws(HostingError) {
        try self.init(parsing: value, path)
        guard case .joined = self else { throw HostingError(.badManifest, "\(path) has to be a text, slot or format") }
    }

    init(parsing value: JSONValue, _ path: String) throws(HostingError) {
        if let text = value.stringValue {
            guard !text.utf8.contains(0) else { throw HostingError(.badManifest, "\(path) contains a zero byte") }
            self = .joined([.text(text)])
        } else if value["slot"] != nil {
            let slot = value["slot"]?.stringValue ?? ""
            guard CompanionText.isName(slot) else { throw HostingError(.badManifest, "\(path)/slot is no name") }
            self = .joined([.slot(slot, try CompanionSlotType(parsing: value, path))])
        } else if value["format"] != nil {
            let reader = try ManifestObject(value, path, members: ["format", "slots"])
            let format = try reader.text("format")
            self = .joined(try Self.pieces(format, types: reader["slots"] ?? [:], path))
        } else if value["each"] != nil {
            let reader = try ManifestObject(value, path, members: ["each", "arguments"])
            self = .each(
                slot: try reader.text("each"), try Self.list(reader["arguments"] ?? .null, reader.path("arguments")))
        } else if value["when"] != nil {
            let reader = try ManifestObject(value, path, members: ["when", "arguments"])
            self = .when(
                slot: try reader.text("when"), try Self.list(reader["arguments"] ?? .null, reader.path("arguments")))
        } else {
            throw HostingError(.badManifest, "\(path) has to be a text, or have slot, format, each or when")
        }
    }

    /// Splits `id=d{index},file={disk}`; `{{` and `}}` stand for the braces themselves.
    private static func pieces(_ format: String, types: JSONValue, _ path: String) throws(HostingError) -> [Piece] {
        let bytes = Array(format.utf8)
        var pieces: [Piece] = []
        var text: [UInt8] = []
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            let isDoubled = at + 1 < bytes.count && bytes[at + 1] == byte
            switch byte {
            case 0: throw HostingError(.badManifest, "\(path)/format contains a zero byte")
            case UInt8(ascii: "{") where isDoubled, UInt8(ascii: "}") where isDoubled:
                text.append(byte)
                at += 2
            case UInt8(ascii: "{"):
                guard let end = bytes[at...].firstIndex(of: UInt8(ascii: "}")) else {
                    throw HostingError(.badManifest, "\(path)/format has a { without }")
                }
                let name = String(decoding: bytes[(at + 1)..<end], as: UTF8.self)
                guard let type = types[name] else {
                    throw HostingError(.badManifest, "\(path)/slots has no type for {\(name)}")
                }
                if !text.isEmpty { pieces.append(.text(String(decoding: text, as: UTF8.self))) }
                text = []
                pieces.append(.slot(name, try CompanionSlotType(parsing: type, "\(path)/slots/\(name)")))
                at = end + 1
            case UInt8(ascii: "}"): throw HostingError(.badManifest, "\(path)/format has a } without {")
            default:
                text.append(byte)
                at += 1
            }
        }
        if !text.isEmpty || pieces.isEmpty { pieces.append(.text(String(decoding: text, as: UTF8.self))) }
        return pieces
    }
}
