import JSON

/// What a slot of a companion's command line may hold (docs/spec/plugin-protocol.md section 5).
public enum CompanionSlotType: Sendable, Hashable {
    case integer(min: Int64, max: Int64)
    case enumeration([String])
    /// A workload or device id: 1 to 64 of `A-Z a-z 0-9 _ . -`, not beginning with `.` or `-`.
    case name
    case mac
    /// A file name in the instance's folder; inserted as its whole path.
    case path
    /// Inserted as its number in the companion, or as `/dev/fd/<number>`.
    case descriptor(asPath: Bool)

    init(parsing value: JSONValue, _ path: String) throws(HostingError) {
        func wrong(_ text: String) -> HostingError { HostingError(.badManifest, "\(path): \(text)") }
        switch value.stringValue ?? value["type"]?.stringValue {
        case "integer":
            guard let least = (value["min"] ?? 0).int64Value, let most = (value["max"] ?? 4_294_967_295).int64Value,
                least <= most
            else { throw wrong("an integer slot needs min ≤ max, both whole numbers") }
            self = .integer(min: least, max: most)
        case "enumeration":
            let values = (value["values"]?.arrayValue ?? []).compactMap(\.stringValue)
            guard !values.isEmpty, values.count == value["values"]?.arrayValue?.count,
                values.allSatisfy({ !$0.utf8.contains(0) })
            else { throw wrong("an enumeration slot needs values, a list of texts") }
            self = .enumeration(values)
        case "name": self = .name
        case "mac": self = .mac
        case "path": self = .path
        case "descriptor":
            switch value["as"] {
            case nil, .string("number")?: self = .descriptor(asPath: false)
            case .string("path")?: self = .descriptor(asPath: true)
            default: throw wrong(#""as" has to be "number" or "path""#)
            }
        default: throw wrong("a slot's type is integer, enumeration, name, mac, path or descriptor")
        }
    }
}
