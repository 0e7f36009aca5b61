import Contracts
import JSON
import Substrate

extension FaceMethods {
    /// The longest key that is looked at; real ones have less than 200 bytes.
    private static let maxKey = 1_024

    func state(_ request: FaceRequest) async throws -> JSONValue {
        switch request.method {
        case "state_getMetadata":
            _ = try await stateNumber(request, 0)
            return .string(runtime.metadataText)
        case "state_getRuntimeVersion": return try await runtimeVersion(request)
        case "state_getStorage", "state_getStorageAt":
            let key = try key(request.required(0))
            return Self.text(try await storage.value(key, at: await stateNumber(request, 1)))
        case "state_getStorageSize":
            let key = try key(request.required(0))
            let value = try await storage.value(key, at: await stateNumber(request, 1))
            return value.map { .number(JSONNumber($0.count)) } ?? .null
        case "state_queryStorageAt": return try await values(request)
        case "state_getKeysPaged": return try await keys(request)
        default: throw RPCFailure.unknownMethod
        }
    }

    private func values(_ request: FaceRequest) async throws -> JSONValue {
        guard let keys = try request.required(0).arrayValue, keys.count <= Self.maxKeys else {
            throw RPCFailure.badParameter("a list of at most \(Self.maxKeys) keys is needed")
        }
        let number = try await stateNumber(request, 1)
        var changes: [JSONValue] = []
        for asked in keys {
            let key = try key(asked)
            changes.append([.string(HexText.encode(key)), Self.text(try await storage.value(key, at: number))])
        }
        return [["block": try await hash(number), "changes": .array(changes)]]
    }

    private func keys(_ request: FaceRequest) async throws -> JSONValue {
        let prefix = try request.optional(0).map(key) ?? []
        guard let count = try request.required(1).uint64Value, count <= UInt64(Self.maxKeys) else {
            throw RPCFailure.badParameter("a page has at most \(Self.maxKeys) keys")
        }
        let start = try request.optional(2).map(key)
        let all = try await storage.keys(prefix, at: await stateNumber(request, 3))
        let rest = start.map { start in all.drop { !start.lexicographicallyPrecedes($0) } } ?? all[...]
        return .array(rest.prefix(Int(count)).map { .string(HexText.encode($0)) })
    }

    private func key(_ value: JSONValue) throws(RPCFailure) -> [UInt8] {
        let key = try FaceRequest.bytes(value)
        guard key.count <= Self.maxKey else { throw .badParameter("a key has at most \(Self.maxKey) bytes") }
        return key
    }

    private static func text(_ bytes: [UInt8]?) -> JSONValue { bytes.map { .string(HexText.encode($0)) } ?? .null }
}
