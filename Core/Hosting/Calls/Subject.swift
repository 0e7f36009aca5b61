import JSON

/// A workload as its plugin sees it (docs/spec/plugin-protocol.md section 2).
public struct Subject: Sendable, Hashable {
    public var id: String
    public var twin: UInt32
    public var contract: UInt64
    public var name: String
    public var type: String
    public var version: UInt32
    public var data: JSONValue
    public var metadata: String
    public var description: String
    public var result: JSONValue
    public var state: JSONValue
    public var references: [SubjectReference]
    public var siblings: [JSONValue]
    public var reserved: [JSONValue]

    public init(
        id: String, twin: UInt32, contract: UInt64, name: String, type: String, version: UInt32, data: JSONValue,
        metadata: String = "", description: String = "", result: JSONValue = .null, state: JSONValue = .null,
        references: [SubjectReference] = [], siblings: [JSONValue] = [], reserved: [JSONValue] = []
    ) {
        self.id = id
        self.twin = twin
        self.contract = contract
        self.name = name
        self.type = type
        self.version = version
        self.data = data
        self.metadata = metadata
        self.description = description
        self.result = result
        self.state = state
        self.references = references
        self.siblings = siblings
        self.reserved = reserved
    }

    public var json: JSONValue {
        [
            "id": .string(id), "twin": .number(JSONNumber(twin)), "contract": .number(JSONNumber(contract)),
            "name": .string(name), "type": .string(type), "version": .number(JSONNumber(version)), "data": data,
            "metadata": .string(metadata), "description": .string(description), "result": result, "state": state,
            "references": .array(references.map(\.json)), "siblings": .array(siblings), "reserved": .array(reserved),
        ]
    }
}

/// A workload that another one names, with what it hands over.
public struct SubjectReference: Sendable, Hashable {
    public var pointer: String
    public var name: String
    public var workload: String
    public var type: String
    public var state: String
    public var data: JSONValue
    public var result: JSONValue
    public var exports: [Export]

    public init(
        pointer: String, name: String, workload: String, type: String, state: String, data: JSONValue,
        result: JSONValue, exports: [Export]
    ) {
        self.pointer = pointer
        self.name = name
        self.workload = workload
        self.type = type
        self.state = state
        self.data = data
        self.result = result
        self.exports = exports
    }

    public var json: JSONValue {
        [
            "pointer": .string(pointer), "name": .string(name), "workload": .string(workload), "type": .string(type),
            "state": .string(state), "data": data, "result": result, "exports": .array(exports.map(\.json)),
        ]
    }
}

/// Something that a workload hands to those that refer to it (docs/spec/plugin-protocol.md section 3).
public struct Export: Sendable, Hashable {
    public var kind: String
    public var value: JSONValue

    public init(kind: String, value: JSONValue) {
        self.kind = kind
        self.value = value
    }

    public var json: JSONValue { ["kind": .string(kind), "value": value] }
}
