import JSON

/// A manifest's word on where a type's data names other workloads (docs/spec/plugin-protocol.md section 5).
public struct ReferenceDeclaration: Sendable, Hashable {
    public enum Scope: String, Sendable {
        /// Workloads of the same deployment.
        case deployment
        /// Also shareable workloads of the same twin's other deployments.
        case twin
    }

    /// A JSON pointer whose `*` stands for each element of a list.
    public let pointer: String
    /// The kinds of exports that are handed over.
    public let exports: [String]
    /// The types that may be named; nil for any that has the exports.
    public let types: [String]?
    public let scope: Scope

    public init(pointer: String, exports: [String], types: [String]?, scope: Scope) {
        self.pointer = pointer
        self.exports = exports
        self.types = types
        self.scope = scope
    }

    /// The references that `data` makes through this pointer. An absent member and an empty text refer to nothing.
    public func demands(in data: JSONValue) -> [ReferenceDemand] {
        let steps = pointer.split(separator: "/", omittingEmptySubsequences: true).map { step in
            String(step).replacing("~1", with: "/").replacing("~0", with: "~")
        }
        return walk(data, steps[...], path: "")
    }

    private func walk(_ value: JSONValue, _ steps: ArraySlice<String>, path: String) -> [ReferenceDemand] {
        guard let step = steps.first else {
            guard let name = value.stringValue, !name.isEmpty else { return [] }
            return [ReferenceDemand(pointer: path, name: name, exports: exports, types: types, scope: scope)]
        }
        let rest = steps.dropFirst()
        if step == "*" {
            return (value.arrayValue ?? []).enumerated().flatMap { walk($1, rest, path: "\(path)/\($0)") }
        }
        guard let member = value[step] else { return [] }
        return walk(member, rest, path: "\(path)/\(step)")
    }
}

/// One name that a workload's data refers to.
public struct ReferenceDemand: Sendable, Hashable {
    public let pointer: String
    public let name: String
    public let exports: [String]
    public let types: [String]?
    public let scope: ReferenceDeclaration.Scope

    public init(
        pointer: String, name: String, exports: [String], types: [String]?, scope: ReferenceDeclaration.Scope
    ) {
        self.pointer = pointer
        self.name = name
        self.exports = exports
        self.types = types
        self.scope = scope
    }
}
