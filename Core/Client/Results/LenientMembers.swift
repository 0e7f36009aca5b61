import JSON

extension KeyedDecodingContainer {
    /// A member, or its zero where a node leaves it out or writes null: older nodes have fewer.
    func value<Value: Decodable>(_ key: Key, or zero: Value) throws -> Value {
        try decodeIfPresent(Value.self, forKey: key) ?? zero
    }
}

extension JSONValue {
    /// Reads a node's answer, names without regard to case.
    func answer<Answer: Decodable>(
        _ type: Answer.Type = Answer.self, to command: String
    ) throws(ClientError) -> Answer {
        do {
            return try decode(type, names: .folded)
        } catch {
            throw ClientError(.badAnswer, "the node's answer to \(command) cannot be read: \(error)")
        }
    }

    /// The same for a list, which nodes may write as null when it is empty.
    func answers<Answer: Decodable>(
        _ type: Answer.Type = Answer.self, to command: String
    ) throws(ClientError) -> [Answer] {
        isNull ? [] : try answer([Answer].self, to: command)
    }
}
