import JSON

/// A descriptor that a slot asks for.
enum DescriptorRequest: Sendable, Hashable {
    /// What a workload exports to the calling one.
    case export(workload: String, kind: String, access: ExportAccess.Access)
    /// A tap made for the calling workload.
    case tap(String)
    /// A connection to a socket in another instance's folder.
    case socket(instance: String, name: String)
    /// One that came with the call.
    case passed(Int)
    /// A sealed memory file with this text.
    case text(String)

    init(parsing value: JSONValue, slot: String) throws(HostingError) {
        if let workload = value["reference"]?.stringValue, let kind = value["export"]?.stringValue {
            switch value["access"] {
            case nil, .string("write")?: self = .export(workload: workload, kind: kind, access: .readWrite)
            case .string("read")?: self = .export(workload: workload, kind: kind, access: .read)
            default: throw HostingError(.invalid, "slot \(slot): access has to be read or write")
            }
        } else if let tap = value["tap"]?.stringValue {
            self = .tap(tap)
        } else if let instance = value["connect"]?.stringValue, let name = value["socket"]?.stringValue,
            CompanionText.isName(name)
        {
            self = .socket(instance: instance, name: name)
        } else if let index = value["index"]?.intValue, index >= 0 {
            self = .passed(index)
        } else {
            throw HostingError(
                .invalid, "slot \(slot) needs {reference, export}, {tap}, {connect, socket} or {index}")
        }
    }
}

/// A companion's command line with every slot filled. Pure: nothing is opened to make it.
struct CompanionCommand: Sendable, Hashable {
    /// The first number that a descriptor gets in the companion.
    static let firstDescriptor = 3
    /// Arguments at most; the shim's own bound is higher.
    static let argumentLimit = 1024

    private(set) var arguments: [String]
    private(set) var environment: [String] = []
    /// What stands at `firstDescriptor`, `firstDescriptor + 1` …
    private(set) var descriptors: [DescriptorRequest] = []
    /// Which of them the program opens again by path.
    private(set) var reopened: Set<Int> = []
    private let folder: String

    /// - Parameters:
    ///   - slots: an object, the values of the call.
    ///   - folder: the instance's folder; for slots of type path.
    /// - Throws: `invalid`, naming the slot.
    init(_ specification: CompanionSpecification, slots: JSONValue, folder: String) throws(HostingError) {
        self.folder = folder
        arguments = [specification.program]
        guard let slots = slots.objectValue else { throw HostingError(.invalid, "slots has to be an object") }
        try append(specification.arguments, [slots])
        for entry in specification.environment {
            guard case .joined(let pieces) = entry.value else { continue }
            environment.append(entry.name + "=" + (try text(pieces, [slots])))
        }
    }

    /// `scopes`: the innermost last.
    private mutating func append(_ list: [CompanionArgument], _ scopes: [JSONObject]) throws(HostingError) {
        for argument in list {
            guard arguments.count < Self.argumentLimit else {
                throw HostingError(.invalid, "a command line has at most \(Self.argumentLimit) arguments")
            }
            switch argument {
            case .joined(let pieces): arguments.append(try text(pieces, scopes))
            case .when(let slot, let list):
                switch Self.find(slot, scopes) {
                case nil, .bool(false)?: continue
                case .bool(true)?: try append(list, scopes)
                default: throw HostingError(.invalid, "slot \(slot) has to be true or false")
                }
            case .each(let slot, let list):
                guard let elements = (Self.find(slot, scopes) ?? .array([])).arrayValue else {
                    throw HostingError(.invalid, "slot \(slot) has to be a list")
                }
                for (index, element) in elements.enumerated() {
                    guard let object = element.objectValue else {
                        throw HostingError(.invalid, "slot \(slot) has to be a list of objects")
                    }
                    try append(list, scopes + [["index": .number(JSONNumber(index))], object])
                }
            }
        }
    }

    private static func find(_ slot: String, _ scopes: [JSONObject]) -> JSONValue? {
        for scope in scopes.reversed() { if let value = scope[slot] { return value } }
        return nil
    }

    private mutating func text(
        _ pieces: [CompanionArgument.Piece], _ scopes: [JSONObject]
    ) throws(HostingError) -> String {
        var result = ""
        for piece in pieces {
            switch piece {
            case .text(let text): result += text
            case .slot(let name, let type):
                guard let value = Self.find(name, scopes) else {
                    throw HostingError(.invalid, "slot \(name) is missing")
                }
                result += try insert(value, type, name)
            }
        }
        return result
    }

    private mutating func insert(
        _ value: JSONValue, _ type: CompanionSlotType, _ slot: String
    ) throws(HostingError) -> String {
        func wrong(_ expected: String) -> HostingError { HostingError(.invalid, "slot \(slot) has to be \(expected)") }
        switch type {
        case .integer(let least, let most):
            guard let number = value.int64Value, (least...most).contains(number) else {
                throw wrong("a whole number from \(least) to \(most)")
            }
            return String(number)
        case .enumeration(let values):
            guard let text = value.stringValue, values.contains(where: { $0.utf8.elementsEqual(text.utf8) }) else {
                throw wrong("one of \(values.joined(separator: ", "))")
            }
            return text
        case .name:
            guard let text = value.stringValue, CompanionText.isName(text) else {
                throw wrong("1 to 64 of A-Z a-z 0-9 _ . -, beginning with neither . nor -")
            }
            return text
        case .mac:
            guard let text = value.stringValue, CompanionText.isMAC(text) else {
                throw wrong("six pairs of lower-case hex digits with colons")
            }
            return text
        case .address(let family):
            guard let text = value.stringValue, let plain = CompanionText.address(text, family) else {
                throw wrong("an \(family.rawValue) address in digits")
            }
            return plain
        case .path(let depth):
            guard let text = value.stringValue, CompanionText.isRelativePath(text, depth: depth) else {
                throw wrong(
                    "a file name of 1 to 64 of A-Z a-z 0-9 _ . -, beginning with neither . nor -"
                        + (depth > 1 ? ", or up to \(depth) of them with / between" : ""))
            }
            return folder + "/" + text
        case .innerPath:
            guard let text = value.stringValue, CompanionText.isAbsolutePath(text) else {
                throw wrong("an absolute path of A-Z a-z 0-9 _ . - without . and ..")
            }
            return text
        case .file(let most, let asPath):
            guard let text = value.stringValue, text.utf8.count <= most else {
                throw wrong("a text of at most \(most) bytes")
            }
            return place(.text(text), asPath: asPath)
        case .descriptor(let asPath):
            let request = try DescriptorRequest(parsing: value, slot: slot)
            return place(request, asPath: asPath)
        }
    }

    private mutating func place(_ request: DescriptorRequest, asPath: Bool) -> String {
        let index = descriptors.firstIndex(of: request) ?? descriptors.count
        if index == descriptors.count { descriptors.append(request) }
        if asPath { reopened.insert(index) }
        return (asPath ? "/dev/fd/" : "") + String(Self.firstDescriptor + index)
    }
}
