import JSON
import WorkerSandbox

/// One entry of the catalogue: what an entitlement is for, what it takes, and everything that it opens.
public struct EntitlementDefinition: Sendable {
    public let name: String
    /// One sentence.
    public let summary: String
    public var parameters: [Parameter] = []
    /// Numbers of linux/capability.h, kept inside a user namespace of the plugin's own.
    public var capabilities: Set<UInt32> = []
    public var needsUserNamespace = false
    /// What the filter allows beyond the basic set.
    public var calls: [CallRule] = []
    /// Services of docs/spec/plugin-protocol.md section 4 that it opens.
    public var services: [String] = []
    /// What becomes reachable in the file system, in words.
    public var paths: [String] = []
    /// What descriptors the plugin gets by it, in words.
    public var descriptors: [String] = []
    /// What companions get by it, in words.
    public var companions: [String] = []

    /// A member of the entitlement's `parameters`.
    public struct Parameter: Sendable {
        public enum Kind: Sendable {
            /// The name of a folder of the plugin's own: 1 to 32 of `a-z0-9-`.
            case folderName
            /// A list of texts, none of them empty.
            case names
            /// A list of ports and ranges of ports, `"80"` or `"1024-2047"`.
            case ports
            /// A list of texts among these, not empty.
            case subset([String])
            /// An object whose values are among these.
            case choices([String])
            /// `{"from", "to"}`, both among these.
            case range(ClosedRange<UInt64>)
        }

        public let name: String
        public let kind: Kind
        public let isRequired: Bool
        public let summary: String
    }

    /// Refuses what it does not know: an unknown parameter might have been meant to restrict.
    /// - Throws: `badManifest`, naming the parameter, and the nearest one that exists.
    func check(_ given: JSONValue) throws(HostingError) {
        for member in given.objectValue?.members ?? [] {
            guard let parameter = parameters.first(where: { $0.name.utf8.elementsEqual(member.key.utf8) }) else {
                throw HostingError(
                    .badManifest, "the entitlement \"\(name)\" has no parameter \"\(member.key)\"",
                    hint: parameters.isEmpty
                        ? "it takes none" : Spelling.hint(for: member.key, among: parameters.map(\.name)))
            }
            guard parameter.accepts(member.value) else { throw wrong(parameter) }
        }
        for parameter in parameters where parameter.isRequired && given[parameter.name] == nil {
            throw wrong(parameter)
        }
    }

    private func wrong(_ parameter: Parameter) -> HostingError {
        HostingError(
            .badManifest, "the entitlement \"\(name)\" needs \"\(parameter.name)\": \(parameter.kind.text)",
            hint: parameter.summary)
    }
}

extension EntitlementDefinition.Parameter {
    fileprivate func accepts(_ value: JSONValue) -> Bool {
        switch kind {
        case .folderName:
            guard let text = value.stringValue else { return false }
            return (1...32).contains(text.utf8.count)
                && text.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
        case .names:
            guard let list = value.arrayValue else { return false }
            return !list.isEmpty && list.allSatisfy { $0.stringValue?.isEmpty == false }
        case .ports:
            guard let list = value.arrayValue else { return false }
            return list.allSatisfy { $0.stringValue.flatMap(SocketRules.portRange) != nil }
        case .subset(let choices):
            guard let list = value.arrayValue else { return false }
            return !list.isEmpty && list.allSatisfy { item in choices.contains { .string($0) == item } }
        case .choices(let choices):
            guard let object = value.objectValue else { return false }
            return object.members.allSatisfy { member in
                choices.contains { .string($0) == member.value }
            }
        case .range(let bounds):
            guard let object = value.objectValue, object.members.count == 2, let from = value["from"]?.uint64Value,
                let to = value["to"]?.uint64Value
            else { return false }
            return from <= to && bounds.contains(from) && bounds.contains(to)
        }
    }
}

extension EntitlementDefinition.Parameter.Kind {
    /// What it has to be, for messages and documents.
    var text: String {
        switch self {
        case .folderName: "1 to 32 lower-case letters, digits and -"
        case .names: "a list of texts, not empty"
        case .ports: "a list of ports like \"80\" or \"1024-2047\""
        case .subset(let choices): "a list of " + choices.map { "\"\($0)\"" }.joined(separator: " and ")
        case .choices(let choices):
            "an object whose values are " + choices.map { "\"\($0)\"" }.joined(separator: " or ")
        case .range(let bounds):
            "{\"from\": n, \"to\": m}, both from \(bounds.lowerBound) to \(bounds.upperBound)"
        }
    }
}
