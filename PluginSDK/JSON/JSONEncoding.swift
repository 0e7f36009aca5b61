extension JSONValue {
    /// The JSON of a `Codable` value, without Foundation: integers stay exact, members keep their order.
    ///
    /// Fails with `JSONError`; errors that the value's own `encode(to:)` throws pass through.
    public init(encoding value: some Encodable) throws {
        let node = Node()
        try ValueEncoder(node: node, codingPath: []).encode(value)
        self = node.value
    }
}

/// A place in the tree that is being written. Classes, since the containers of `Encoder` outlive the calls that made them.
private final class Node {
    private enum Content {
        case value(JSONValue)
        case array([Node])
        case object([(key: String, node: Node)])
    }
    private var content = Content.value(.null)

    var value: JSONValue {
        switch content {
        case .value(let value): value
        case .array(let nodes): .array(nodes.map(\.value))
        case .object(let members):
            .object(JSONObject(members: members.map { JSONMember(key: $0.key, value: $0.node.value) }))
        }
    }

    var count: Int { if case .array(let nodes) = content { nodes.count } else { 0 } }

    func set(_ value: JSONValue) { content = .value(value) }
    func becomeArray() { if case .array = content { return } else { content = .array([]) } }
    func becomeObject() { if case .object = content { return } else { content = .object([]) } }

    func append() -> Node {
        guard case .array(var nodes) = content else { return Node() }
        content = .value(.null)
        let node = Node()
        nodes.append(node)
        content = .array(nodes)
        return node
    }

    func member(_ key: String) -> Node {
        guard case .object(var members) = content else { return Node() }
        content = .value(.null)
        let node = Node()
        if let index = members.firstIndex(where: { $0.key.utf8.elementsEqual(key.utf8) }) {
            members[index].node = node
        } else {
            members.append((key, node))
        }
        content = .object(members)
        return node
    }
}

private struct ValueEncoder: Encoder, SingleValueEncodingContainer {
    let node: Node
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        node.becomeObject()
        return KeyedEncodingContainer(KeyedWriter<Key>(node: node, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.becomeArray()
        return UnkeyedWriter(node: node, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func encodeNil() throws { node.set(.null) }
    func encode(_ value: Bool) throws { node.set(.bool(value)) }
    func encode(_ value: String) throws { node.set(.string(value)) }
    func encode(_ value: Double) throws {
        guard value.isFinite else {
            throw JSONError(.number, "\(JSONPath.text(codingPath)): JSON has no infinity and no NaN")
        }
        node.set(.number(JSONNumber(value)))
    }
    func encode(_ value: Float) throws { try encode(Double(value)) }
    func encode(_ value: Int) throws { node.set(.number(JSONNumber(value))) }
    func encode(_ value: Int8) throws { node.set(.number(JSONNumber(value))) }
    func encode(_ value: Int16) throws { node.set(.number(JSONNumber(value))) }
    func encode(_ value: Int32) throws { node.set(.number(JSONNumber(value))) }
    func encode(_ value: Int64) throws { node.set(.number(JSONNumber(value))) }
    func encode(_ value: Int128) throws { node.set(.number(JSONNumber(value))) }
    func encode(_ value: UInt) throws { node.set(.number(JSONNumber(value))) }
    func encode(_ value: UInt8) throws { node.set(.number(JSONNumber(value))) }
    func encode(_ value: UInt16) throws { node.set(.number(JSONNumber(value))) }
    func encode(_ value: UInt32) throws { node.set(.number(JSONNumber(value))) }
    func encode(_ value: UInt64) throws { node.set(.number(JSONNumber(value))) }
    func encode(_ value: UInt128) throws { node.set(.number(JSONNumber(value))) }

    func encode<T: Encodable>(_ value: T) throws {
        if let value = value as? JSONValue { return node.set(value) }
        guard codingPath.count < JSONLimits.deepest else {
            throw JSONError(.limit, "the value is nested deeper than \(JSONLimits.deepest)")
        }
        // A value that encodes nothing at all is an empty object.
        try value.encode(to: self)
    }
}

private struct KeyedWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: Node
    let codingPath: [any CodingKey]

    private func encoder(_ key: any CodingKey) -> ValueEncoder {
        ValueEncoder(node: node.member(key.stringValue), codingPath: codingPath + [key])
    }

    func encodeNil(forKey key: Key) throws { try encoder(key).encodeNil() }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try encoder(key).encode(value) }
    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { encoder(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { encoder(key).unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder(JSONPath.Key("super")) }
    func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }
}

private struct UnkeyedWriter: UnkeyedEncodingContainer {
    let node: Node
    let codingPath: [any CodingKey]
    var count: Int { node.count }

    private func encoder() -> ValueEncoder {
        let key = JSONPath.Key(node.count)
        return ValueEncoder(node: node.append(), codingPath: codingPath + [key])
    }

    func encodeNil() throws { try encoder().encodeNil() }
    func encode<T: Encodable>(_ value: T) throws { try encoder().encode(value) }
    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder().container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder() }
}
