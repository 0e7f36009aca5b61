/// How the names of members are compared while decoding.
public enum JSONNames: Sendable {
    /// By their bytes.
    case exact
    /// As the grid's programs do, without regard to case (`JSONObject.folded`); the last member counts.
    case folded
}

extension JSONValue {
    /// Decodes a `Codable` type without Foundation. Integers must be written as such and fit; an absent or null member
    /// leaves an optional nil.
    ///
    /// Fails with `JSONError`, which names the path; errors that the type's own `init(from:)` throws pass through.
    public func decode<T: Decodable>(_ type: T.Type = T.self, names: JSONNames = .exact) throws -> T {
        do {
            return try ValueDecoder(value: self, codingPath: [], names: names).decode(type)
        } catch let error as DecodingError {
            throw JSONError(error)
        }
    }
}

extension JSONError {
    fileprivate init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(.missing, "\(JSONPath.text(context.codingPath + [key])) is missing")
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            self.init(.kind, "\(JSONPath.text(context.codingPath)): \(context.debugDescription)")
        case .dataCorrupted(let context):
            self.init(.refused, "\(JSONPath.text(context.codingPath)): \(context.debugDescription)")
        @unknown default: self.init(.refused, "the value cannot be decoded")
        }
    }
}

extension JSONValue {
    /// What kind of value this is, for messages.
    public var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

private struct ValueDecoder: Decoder, SingleValueDecodingContainer {
    let value: JSONValue
    let codingPath: [any CodingKey]
    let names: JSONNames
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func mismatch(_ expected: String) -> JSONError {
        JSONError(.kind, "\(JSONPath.text(codingPath)): expected \(expected), found \(value.kindName)")
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let object = value.objectValue else { throw mismatch("an object") }
        return KeyedDecodingContainer(KeyedReader<Key>(object, codingPath: codingPath, names: names))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let values = value.arrayValue else { throw mismatch("an array") }
        return UnkeyedReader(values: values, codingPath: codingPath, names: names)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { value.isNull }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard let value = value.boolValue else { throw mismatch("a boolean") }
        return value
    }

    func decode(_ type: String.Type) throws -> String {
        guard let value = value.stringValue else { throw mismatch("a string") }
        return value
    }

    func decode(_ type: Double.Type) throws -> Double {
        guard let number = value.numberValue else { throw mismatch("a number") }
        guard let double = number.double else {
            throw JSONError(.number, "\(JSONPath.text(codingPath)): the number is out of range")
        }
        return double
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }

    private func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
        guard let number = value.numberValue else { throw mismatch("a number") }
        let isNegative = number.text.utf8.first == UInt8(ascii: "-")
        guard number.isInteger, T.isSigned || !isNegative, let integer = T(number.text) else {
            throw JSONError(
                .number, "\(JSONPath.text(codingPath)): expected an integer from \(T.min) to \(T.max) in plain digits")
        }
        return integer
    }

    func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
    func decode(_ type: Int128.Type) throws -> Int128 { try integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try integer(type) }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if type == JSONValue.self, let value = value as? T { return value }
        guard codingPath.count < JSONLimits.deepest else {
            throw JSONError(.limit, "the value is nested deeper than \(JSONLimits.deepest)")
        }
        return try type.init(from: self)
    }
}

private struct KeyedReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let object: JSONObject
    let codingPath: [any CodingKey]
    let names: JSONNames
    /// The last member of each name, by its bytes.
    private let index: [[UInt8]: Int]

    init(_ object: JSONObject, codingPath: [any CodingKey], names: JSONNames) {
        (self.object, self.codingPath, self.names) = (object, codingPath, names)
        var index: [[UInt8]: Int] = [:]
        for (position, member) in object.members.enumerated() {
            index[names == .folded ? JSONObject.fold(member.key) : Array(member.key.utf8)] = position
        }
        self.index = index
    }

    var allKeys: [Key] { object.keys.compactMap(Key.init(stringValue:)) }

    private func member(_ key: any CodingKey) -> JSONValue? {
        let name = key.stringValue
        return index[names == .folded ? JSONObject.fold(name) : Array(name.utf8)].map { object.members[$0].value }
    }

    private func decoder(_ key: any CodingKey) throws -> ValueDecoder {
        guard let value = member(key) else {
            throw JSONError(.missing, "\(JSONPath.text(codingPath + [key])) is missing")
        }
        return ValueDecoder(value: value, codingPath: codingPath + [key], names: names)
    }

    func contains(_ key: Key) -> Bool { member(key) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try decoder(key).decodeNil() }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try decoder(key).decode(type) }
    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { try decoder(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(key).unkeyedContainer()
    }
    func superDecoder() throws -> any Decoder { try decoder(JSONPath.Key("super")) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }
}

private struct UnkeyedReader: UnkeyedDecodingContainer {
    let values: [JSONValue]
    let codingPath: [any CodingKey]
    let names: JSONNames
    private(set) var currentIndex = 0

    init(values: [JSONValue], codingPath: [any CodingKey], names: JSONNames) {
        (self.values, self.codingPath, self.names) = (values, codingPath, names)
    }

    var count: Int? { values.count }
    var isAtEnd: Bool { currentIndex >= values.count }

    private mutating func next() throws -> ValueDecoder {
        let path = codingPath + [JSONPath.Key(currentIndex)]
        guard !isAtEnd else { throw JSONError(.missing, "\(JSONPath.text(path)) is missing") }
        defer { currentIndex += 1 }
        return ValueDecoder(value: values[currentIndex], codingPath: path, names: names)
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, values[currentIndex].isNull else { return false }
        currentIndex += 1
        return true
    }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().decode(type) }
    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> { try next().container(keyedBy: type) }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }
}
