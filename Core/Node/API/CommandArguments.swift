import JSON
import RMB

/// The members of a request, read as the grid's programs read them: names without regard to case, unknown members
/// ignored, absent and null ones zero, integers exact (docs/spec/node-api.md section 1).
struct CommandArguments: Sendable {
    private let object: JSONObject

    /// - Throws: `CallError` for bytes that are no JSON, or JSON that is neither an object nor null.
    init(_ request: RMBRequest) throws(CallError) {
        try self.init(try request.json())
    }

    /// A request whose payload may be missing altogether.
    init(optional request: RMBRequest) throws(CallError) {
        try self.init(request.payload.isEmpty ? .null : try request.json())
    }

    init(_ value: JSONValue) throws(CallError) {
        switch value {
        case .null: object = [:]
        case .object(let members): object = members
        default: throw CallError("json: cannot unmarshal \(Self.kind(value)) into Go value of type request")
        }
    }

    /// The member as it is; nil if it is absent or null.
    subscript(name: String) -> JSONValue? {
        guard let value = object.folded(name), !value.isNull else { return nil }
        return value
    }

    func text(_ name: String) throws(CallError) -> String {
        guard let value = self[name] else { return "" }
        guard let text = value.stringValue else { throw Self.mismatch(value, name, "string") }
        return text
    }

    func uint64(_ name: String) throws(CallError) -> UInt64 {
        guard let value = self[name] else { return 0 }
        guard let number = value.uint64Value else { throw Self.mismatch(value, name, "uint64") }
        return number
    }

    func uint32(_ name: String) throws(CallError) -> UInt32 {
        guard let value = self[name] else { return 0 }
        guard let number = value.uint64Value.flatMap(UInt32.init(exactly:)) else {
            throw Self.mismatch(value, name, "uint32")
        }
        return number
    }

    func bool(_ name: String) throws(CallError) -> Bool {
        guard let value = self[name] else { return false }
        guard let truth = value.boolValue else { throw Self.mismatch(value, name, "bool") }
        return truth
    }

    private static func mismatch(_ value: JSONValue, _ name: String, _ type: String) -> CallError {
        CallError("json: cannot unmarshal \(kind(value)) into Go struct field .\(name) of type \(type)")
    }

    /// The kind as the reference's decoder names it; numbers with their text.
    private static func kind(_ value: JSONValue) -> String {
        switch value {
        case .bool: "bool"
        // A number's length is whatever the caller sent.
        case .number(let number): "number \(number.text.prefix(40))"
        default: value.kindName
        }
    }
}
