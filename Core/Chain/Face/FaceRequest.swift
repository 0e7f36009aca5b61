import Contracts
import JSON
import Substrate

/// One request of a JSON-RPC 2.0 client.
struct FaceRequest: Sendable {
    /// Null for a request that wants no answer.
    let id: JSONValue
    let method: String
    let parameters: [JSONValue]

    /// - Throws: `invalidRequest`, `badParameter` for parameters by name, which no method of these has.
    init(_ value: JSONValue) throws(RPCFailure) {
        id = value["id"] ?? .null
        guard let method = value["method"]?.stringValue else { throw .invalidRequest }
        self.method = method
        switch value["params"] {
        case nil, .null?: parameters = []
        case .array(let values)?: parameters = values
        default: throw .badParameter("parameters are a list")
        }
    }

    /// A parameter; null and absent are the same.
    func optional(_ index: Int) -> JSONValue? {
        guard parameters.indices.contains(index), !parameters[index].isNull else { return nil }
        return parameters[index]
    }

    func required(_ index: Int) throws(RPCFailure) -> JSONValue {
        guard let value = optional(index) else { throw .badParameter("parameter \(index) is missing") }
        return value
    }

    func bytes(_ index: Int) throws(RPCFailure) -> [UInt8] { try Self.bytes(try required(index)) }

    /// The hash of a block; nil for the newest.
    func blockHash(_ index: Int) throws(RPCFailure) -> HexBytes? {
        guard let value = optional(index) else { return nil }
        let bytes = try Self.bytes(value)
        guard bytes.count == 32 else { throw .badParameter("a block's hash has 32 bytes, this one \(bytes.count)") }
        return HexBytes(bytes)
    }

    static func bytes(_ value: JSONValue) throws(RPCFailure) -> [UInt8] {
        guard let bytes = value.stringValue.flatMap(HexText.decode) else {
            throw .badParameter("bytes are a hexadecimal text that begins with 0x")
        }
        return bytes
    }

    /// The answer to a request.
    static func answer(_ id: JSONValue, _ outcome: Result<JSONValue, RPCFailure>) -> JSONValue {
        switch outcome {
        case .success(let result): ["jsonrpc": "2.0", "result": result, "id": id]
        case .failure(let failure): ["jsonrpc": "2.0", "error": failure.json, "id": id]
        }
    }
}
