import JSON

/// Reading what the node sends: a missing member is named.
extension JSONValue {
    func text(_ member: String) throws -> String {
        guard let value = self[member]?.stringValue else {
            throw PluginError.invalid("the node's message lacks the text \"\(member)\"")
        }
        return value
    }

    func integer<Integer: FixedWidthInteger>(_ member: String) throws -> Integer {
        guard let number = self[member]?.numberValue, number.isInteger, let value = Integer(number.text) else {
            throw PluginError.invalid("the node's message lacks the integer \"\(member)\"")
        }
        return value
    }

    /// The elements of a list; absent and null count as empty.
    func list(_ member: String) throws -> [JSONValue] {
        guard let value = self[member], !value.isNull else { return [] }
        guard let list = value.arrayValue else {
            throw PluginError.invalid("\"\(member)\" of the node's message is no list")
        }
        return list
    }
}
