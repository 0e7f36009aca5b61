import Contracts
import JSON
import Substrate

/// The methods that are answered at once (docs/spec/tfchain.md section 1, docs/spec/ledger.md section 1).
struct FaceMethods: Sendable {
    /// Keys in one page, and keys in one question for values.
    static let maxKeys = 1_000

    let ledger: EmbeddedLedger
    let runtime: EmbeddedRuntime
    let storage: FaceStorage
    let blocks: FaceBlocks
    /// What `system_version` says.
    let programVersion: String

    /// - Throws: `RPCFailure`; `unknownMethod` for everything else.
    func answer(_ request: FaceRequest) async throws -> JSONValue {
        do {
            switch request.method.prefix(while: { $0 != "_" }) {
            case "chain": return try await chain(request)
            case "state": return try await state(request)
            case "system": return try await system(request)
            case "payment": return try payment(request)
            case "rpc" where request.method == "rpc_methods":
                return ["version": 1, "methods": .array(Self.names.map(JSONValue.string))]
            default: throw RPCFailure.unknownMethod
            }
        } catch let unavailable as LedgerUnavailable {
            throw RPCFailure(unavailable)
        } catch let refusal as CallRefusal {
            throw RPCFailure(refusal)
        } catch let error as SubstrateError {
            throw RPCFailure(code: -32603, message: "Internal error", data: error.message)
        }
    }

    private func chain(_ request: FaceRequest) async throws -> JSONValue {
        switch request.method {
        case "chain_getBlockHash": return try await blockHash(request.optional(0))
        case "chain_getHead", "chain_getFinalizedHead": return try await hash(await head())
        case "chain_getHeader":
            guard let number = try await number(request, 0) else { return .null }
            return try await blocks.header(number)
        case "chain_getBlock":
            guard let number = try await number(request, 0) else { return .null }
            return try await blocks.block(number)
        case "chain_getRuntimeVersion": return try await runtimeVersion(request)
        default: throw RPCFailure.unknownMethod
        }
    }

    private func system(_ request: FaceRequest) async throws -> JSONValue {
        switch request.method {
        case "system_chain": return "zos embedded ledger"
        case "system_name": return "zos"
        case "system_version": return .string(programVersion)
        case "system_properties":
            return [
                "ss58Format": .number(JSONNumber(runtime.addressPrefix)), "tokenDecimals": 7, "tokenSymbol": "TFT",
            ]
        case "system_health": return ["peers": 0, "isSyncing": false, "shouldHavePeers": false]
        case "system_accountNextIndex":
            guard let text = try request.required(0).stringValue, let account = try? AccountID(address: text) else {
                throw RPCFailure.badParameter("an account is written as its address")
            }
            return .number(JSONNumber(try await ledger.nextNonce(of: account)))
        default: throw RPCFailure.unknownMethod
        }
    }

    private func payment(_ request: FaceRequest) throws -> JSONValue {
        guard request.method == "payment_queryInfo" else { throw RPCFailure.unknownMethod }
        // Read, so that a broken one gets no price; the signature may be missing, for clients ask before they sign.
        _ = try ChainCall(request.bytes(0), runtime: runtime)
        return [
            "weight": ["ref_time": 0, "proof_size": 0], "class": "normal",
            "partialFee": .string(String(ledger.settings.fee)),
        ]
    }

    /// A number, a list of numbers, or nothing for the newest block.
    private func blockHash(_ asked: JSONValue?) async throws -> JSONValue {
        guard let asked else { return try await hash(await head()) }
        guard let list = asked.arrayValue else { return try await blockHash(ofNumber: asked) }
        return try await blockHashes(ofNumbers: list)
    }

    // As a function of its own: Swift 6.3.1 crashes when it optimises this loop inside the caller.
    @inline(never)
    private func blockHashes(ofNumbers list: [JSONValue]) async throws -> JSONValue {
        guard list.count <= Self.maxKeys else {
            throw RPCFailure.badParameter("at most \(Self.maxKeys) numbers at a time")
        }
        var hashes: [JSONValue] = []
        for number in list { hashes.append(try await blockHash(ofNumber: number)) }
        return .array(hashes)
    }

    @inline(never)
    private func blockHash(ofNumber value: JSONValue) async throws -> JSONValue {
        guard let number = value.uint64Value ?? value.stringValue.flatMap(HexText.quantity) else {
            throw RPCFailure.badParameter("a block's number is an integer")
        }
        guard let number = UInt32(exactly: number), number <= (try await head()) else { return .null }
        return try await hash(number)
    }

    func runtimeVersion(_ request: FaceRequest) async throws -> JSONValue {
        _ = try await stateNumber(request, 0)
        return runtime.versionAnswer
    }

    func head() async throws -> UInt32 { try await ledger.head(.finalised).number }

    func hash(_ number: UInt32) async throws -> JSONValue {
        .string(HexText.encode(try await blocks.hash(number).bytes))
    }

    /// The number of the block that a parameter names, the newest without one; nil if there is no such block.
    func number(_ request: FaceRequest, _ index: Int) async throws -> UInt32? {
        guard let hash = try request.blockHash(index) else { return try await head() }
        return try await ledger.number(ofBlock: hash)
    }

    /// The same for reads of its state, where an unknown block is an error.
    func stateNumber(_ request: FaceRequest, _ index: Int) async throws -> UInt32 {
        if let number = try await number(request, index) { return number }
        throw RPCFailure.unknownBlock(try request.blockHash(index) ?? HexBytes([]))
    }

    static let names = [
        "author_submitAndWatchExtrinsic", "author_submitExtrinsic", "author_unwatchExtrinsic", "chain_getBlock",
        "chain_getBlockHash", "chain_getFinalizedHead", "chain_getHead", "chain_getHeader", "chain_getRuntimeVersion",
        "chain_subscribeFinalizedHeads", "chain_subscribeNewHeads", "chain_unsubscribeFinalizedHeads",
        "chain_unsubscribeNewHeads", "payment_queryInfo", "rpc_methods", "state_getKeysPaged", "state_getMetadata",
        "state_getRuntimeVersion", "state_getStorage", "state_getStorageAt", "state_getStorageSize",
        "state_queryStorageAt", "state_subscribeRuntimeVersion", "state_unsubscribeRuntimeVersion",
        "system_accountNextIndex", "system_chain", "system_health", "system_name", "system_properties",
        "system_version",
    ]
}
