import JSON

/// Bytes that two values share exactly if JSON Schema calls the values equal: `1.0` is `1`, members have no order.
enum NormalForm {
    static func bytes(of value: JSONValue) -> [UInt8] {
        var output: [UInt8] = []
        append(value, to: &output)
        return output
    }

    private static func append(_ value: JSONValue, to output: inout [UInt8]) {
        switch value {
        case .null: output.append(UInt8(ascii: "n"))
        case .bool(let value): output.append(value ? UInt8(ascii: "t") : UInt8(ascii: "f"))
        case .number(let number):
            let exact = ExactNumber(number)
            output.append(exact.isNegative ? UInt8(ascii: "-") : UInt8(ascii: "+"))
            appendLength(exact.point, to: &output)
            appendLength(exact.digits.count, to: &output)
            output += exact.digits
        case .string(let text): append(text, to: &output)
        case .array(let values):
            output.append(UInt8(ascii: "["))
            appendLength(values.count, to: &output)
            for value in values { append(value, to: &output) }
        case .object(let object):
            output.append(UInt8(ascii: "{"))
            appendLength(object.count, to: &output)
            for member in object.members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            ) {
                append(member.key, to: &output)
                append(member.value, to: &output)
            }
        }
    }

    private static func append(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        appendLength(text.utf8.count, to: &output)
        output += text.utf8
    }

    private static func appendLength(_ length: Int, to output: inout [UInt8]) {
        output += String(length).utf8
        output.append(UInt8(ascii: ":"))
    }
}
