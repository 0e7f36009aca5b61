import JSON

/// How results of the chain's methods are read (docs/spec/tfchain.md section 1). What has another shape is `malformed`:
/// an endpoint that says nonsense is not one that says *absent*.
public enum RPCAnswers {
    /// `state_getStorage`: nil when the key is absent.
    public static func storage(_ value: JSONValue) throws(SubstrateError) -> [UInt8]? {
        value.isNull ? nil : try bytes(value, "a stored value")
    }

    public static func metadata(_ value: JSONValue) throws(SubstrateError) -> [UInt8] { try bytes(value, "metadata") }

    /// `chain_getBlockHash`: nil for a block that was not produced yet.
    public static func blockHash(_ value: JSONValue) throws(SubstrateError) -> [UInt8]? {
        value.isNull ? nil : try hash(value)
    }

    /// 32 bytes.
    public static func hash(_ value: JSONValue) throws(SubstrateError) -> [UInt8] {
        let hash = try bytes(value, "a hash")
        guard hash.count == 32 else { throw malformed("a hash of \(hash.count) bytes") }
        return hash
    }

    /// `system_accountNextIndex`.
    public static func nonce(_ value: JSONValue) throws(SubstrateError) -> UInt64 {
        guard let nonce = value.uint64Value else { throw malformed("a nonce that is no number") }
        return nonce
    }

    public static func runtimeVersion(_ value: JSONValue) throws(SubstrateError) -> RuntimeVersion {
        guard let spec = value["specVersion"]?.uint64Value.flatMap(UInt32.init(exactly:)),
            let transaction = value["transactionVersion"]?.uint64Value.flatMap(UInt32.init(exactly:))
        else { throw malformed("a runtime version without its numbers") }
        return RuntimeVersion(
            specName: value["specName"]?.stringValue ?? "", specVersion: spec, transactionVersion: transaction)
    }

    public static func header(_ value: JSONValue) throws(SubstrateError) -> ChainHeader {
        guard let number = value["number"]?.stringValue.flatMap(HexText.quantity).flatMap(UInt32.init(exactly:)),
            let parent = value["parentHash"]
        else { throw malformed("a header without number or parent") }
        return ChainHeader(number: number, parent: try hash(parent))
    }

    /// `state_queryStorageAt`: what is stored at each key. A key that the answer leaves out is absent from the result.
    public static func changes(_ value: JSONValue) throws(SubstrateError) -> [[UInt8]: [UInt8]?] {
        guard let sets = value.arrayValue else { throw malformed("changes that are no list") }
        var changes: [[UInt8]: [UInt8]?] = [:]
        for set in sets {
            guard let pairs = set["changes"]?.arrayValue else { throw malformed("changes without their list") }
            for pair in pairs {
                guard let key = pair[0], let stored = pair[1] else { throw malformed("a change that is no pair") }
                changes[try bytes(key, "a key")] = .some(try storage(stored))
            }
        }
        return changes
    }

    /// `state_getKeysPaged`.
    public static func keys(_ value: JSONValue) throws(SubstrateError) -> [[UInt8]] {
        guard let values = value.arrayValue else { throw malformed("keys that are no list") }
        var keys: [[UInt8]] = []
        for value in values { keys.append(try bytes(value, "a key")) }
        return keys
    }

    /// `chain_getBlock`: the extrinsics in their order; nil for a block that the endpoint does not know.
    public static func extrinsics(_ value: JSONValue) throws(SubstrateError) -> [[UInt8]]? {
        if value.isNull { return nil }
        guard let values = value["block"]?["extrinsics"]?.arrayValue else {
            throw malformed("a block without extrinsics")
        }
        var extrinsics: [[UInt8]] = []
        for value in values { extrinsics.append(try bytes(value, "an extrinsic")) }
        return extrinsics
    }

    private static func bytes(_ value: JSONValue, _ what: String) throws(SubstrateError) -> [UInt8] {
        guard let bytes = value.stringValue.flatMap(HexText.decode) else {
            throw malformed("\(what) that is no hexadecimal text behind 0x")
        }
        return bytes
    }

    private static func malformed(_ what: String) -> SubstrateError {
        SubstrateError(.malformed, "the endpoint answered with \(what)")
    }
}

/// The versions that a runtime tells of itself.
public struct RuntimeVersion: Sendable, Hashable {
    public let specName: String
    public let specVersion: UInt32
    public let transactionVersion: UInt32

    public init(specName: String, specVersion: UInt32, transactionVersion: UInt32) {
        self.specName = specName
        self.specVersion = specVersion
        self.transactionVersion = transactionVersion
    }
}

/// What is needed of a block's header.
public struct ChainHeader: Sendable, Hashable {
    public let number: UInt32
    public let parent: [UInt8]

    public init(number: UInt32, parent: [UInt8]) {
        self.number = number
        self.parent = parent
    }
}
