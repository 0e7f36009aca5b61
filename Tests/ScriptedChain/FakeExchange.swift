import Chain
import Contracts
import JSON
import Signatures
import Substrate
import WebSockets

/// One request to a fake endpoint and its answer.
struct FakeExchange: Sendable {
    let endpoint: FakeEndpoint
    let socket: WebSocket

    private var chain: FakeChain { endpoint.chain }
    private var faults: FakeEndpoint.Faults { endpoint.faults.withLock { $0 } }
    private var best: UInt32 { min(chain.best, faults.knowsUntil) }
    private var finalised: UInt32 { min(chain.finalised, faults.knowsUntil) }

    func answer(_ request: JSONValue) async throws {
        let method = request["method"]?.stringValue ?? ""
        let parameters = request["params"]?.arrayValue ?? []
        endpoint.asked.withLock { $0[method, default: 0] += 1 }
        let faults = faults
        if faults.deaf.contains(method) { return }
        let id = request["id"] ?? .null
        do {
            if let refusal = faults.refused[method] { throw refusal }
            switch method {
            case "chain_subscribeFinalizedHeads": try await tellHeads(id)
            case "author_submitAndWatchExtrinsic": try await apply(bytes(parameters, 0), id)
            case "chain_unsubscribeFinalizedHeads", "author_unwatchExtrinsic": try await reply(id, true)
            default: try await reply(id, result(method, parameters, faults))
            }
        } catch let failure as RPCFailure {
            let error: JSONValue = [
                "code": .number(JSONNumber(failure.code)), "message": .string(failure.message),
                "data": .string(failure.data),
            ]
            try await socket.send(.text(JSONValue.object(["jsonrpc": "2.0", "id": id, "error": error]).text))
        }
    }

    private func result(
        _ method: String, _ parameters: [JSONValue], _ faults: FakeEndpoint.Faults
    ) throws -> JSONValue {
        switch method {
        case "chain_getBlockHash":
            let number = parameters.first?.uint64Value.flatMap(UInt32.init(exactly:)) ?? best
            if number == 0, let genesis = faults.genesis { return hex(genesis) }
            return number > best ? .null : chain.block(number).map { hex($0.hash) } ?? .null
        case "chain_getFinalizedHead": return chain.block(finalised).map { hex($0.hash) } ?? .null
        case "chain_getHeader": return header(try block(parameters, 0))
        case "chain_getBlock":
            let block = try block(parameters, 0)
            return ["block": ["header": header(block), "extrinsics": .array(block.extrinsics.map(hex))]]
        case "state_getRuntimeVersion":
            return version(try kept(try block(parameters, 0), faults))
        case "state_getMetadata":
            let block = try block(parameters, 0)
            return hex(faults.metadata ?? chain.metadataBytes(block.specVersion) ?? [])
        case "state_getStorage":
            return try stored(bytes(parameters, 0), try kept(try block(parameters, 1), faults), faults)
        case "state_queryStorageAt":
            let block = try kept(try block(parameters, 1), faults)
            let changes = try (parameters.first?.arrayValue ?? []).map { key in
                JSONValue.array([key, try stored(HexText.decode(key.stringValue ?? "") ?? [], block, faults)])
            }
            return [["block": hex(block.hash), "changes": .array(changes)]]
        case "system_accountNextIndex":
            return .number(JSONNumber(endpoint.nextNonce))
        default: throw RPCFailure(code: -32601, message: "Method not found")
        }
    }

    private func kept(_ block: FakeChain.Block, _ faults: FakeEndpoint.Faults) throws -> FakeChain.Block {
        guard block.number >= faults.prunedBelow else {
            throw RPCFailure(code: -32000, message: "Client error: State already discarded for block")
        }
        return block
    }

    private func stored(_ key: [UInt8], _ block: FakeChain.Block, _ faults: FakeEndpoint.Faults) throws -> JSONValue {
        let metadata = try FakeChain.runtime.get()
        guard let value = block.state[key] else { return .null }
        if faults.behind > 0, key == (try metadata.storageKey("Timestamp", "Now")) {
            let time: UInt64 = try metadata.storageValue("Timestamp", "Now", value)?.integer() ?? 0
            let entry = try metadata.storage("Timestamp", "Now")
            return hex(try metadata.registry.encode(.number(time - faults.behind), as: entry.value))
        }
        return hex(value)
    }

    private func tellHeads(_ id: JSONValue) async throws {
        let name = JSONValue.string("heads-\(UInt32.random(in: 0...UInt32.max))")
        func tell(_ block: FakeChain.Block) async throws {
            try await notify("chain_finalizedHead", name, header(block))
        }
        let isEarly = faults.newsComeFirst
        var told = finalised
        if isEarly, let block = chain.block(told) { try await tell(block) }
        try await reply(id, name)
        if !isEarly, !faults.hidesHeads, let block = chain.block(told) { try await tell(block) }
        while !Task.isCancelled {
            await chain.growth.wait(after: chain.best, patience: .milliseconds(20))
            let head = finalised
            guard head > told, !faults.hidesHeads, head % faults.announcesEvery == 0, let block = chain.block(head)
            else { continue }
            told = head
            try await tell(block)
        }
    }

    /// Puts a call into a block, as far as the faults let it.
    private func apply(_ bytes: [UInt8], _ id: JSONValue) async throws {
        endpoint.submitted.withLock { $0.append(bytes) }
        let fault = endpoint.faults.withLock { $0.calls.isEmpty ? nil : $0.calls.removeFirst() }
        if case .refuse(let failure)? = fault { throw failure }
        let name = JSONValue.string("watch-\(UInt32.random(in: 0...UInt32.max))")
        try await reply(id, name)
        try await notify("author_extrinsicUpdate", name, "ready")
        if case .statuses(let statuses)? = fault {
            for status in statuses { try await notify("author_extrinsicUpdate", name, status) }
            return
        }
        let event: LedgerEvent =
            if case .fail(let error)? = fault { .extrinsicFailed(error: error) } else { .extrinsicSuccess }
        let own: [EventRecord] =
            event == .extrinsicSuccess
            ? [EventRecord(extrinsic: 1, event: .contractCreated(contract: try FakeChain.contract(9)))] : []
        let block = try chain.grow(
            [EventRecord(extrinsic: 0, event: .extrinsicSuccess)] + own + [EventRecord(extrinsic: 1, event: event)],
            extrinsics: [bytes])
        switch fault {
        case .applySilently?: return
        case .applyAndDrop?: throw WebSocketError(.closed, "dropped by the test")
        default: break
        }
        try await notify("author_extrinsicUpdate", name, ["broadcast": ["peer"]])
        try await notify("author_extrinsicUpdate", name, ["inBlock": hex(block.hash)])
    }

    private func reply(_ id: JSONValue, _ result: JSONValue) async throws {
        try await socket.send(.text(JSONValue.object(["jsonrpc": "2.0", "id": id, "result": result]).text))
    }

    private func notify(_ method: String, _ subscription: JSONValue, _ result: JSONValue) async throws {
        let parameters: JSONValue = ["subscription": subscription, "result": result]
        try await socket.send(
            .text(JSONValue.object(["jsonrpc": "2.0", "method": .string(method), "params": parameters]).text))
    }

    private func version(_ block: FakeChain.Block) -> JSONValue {
        [
            "specName": "substrate-threefold", "specVersion": .number(JSONNumber(block.specVersion)),
            "transactionVersion": 2,
        ]
    }

    private func header(_ block: FakeChain.Block) -> JSONValue {
        ["number": .string(HexText.quantity(UInt64(block.number))), "parentHash": hex(block.parent)]
    }

    private func block(_ parameters: [JSONValue], _ index: Int) throws -> FakeChain.Block {
        guard parameters.indices.contains(index) else { return try chain.block(best) ?? missing() }
        return try chain.block(bytes(parameters, index)) ?? missing()
    }

    private func missing() throws -> FakeChain.Block {
        throw RPCFailure(code: -32000, message: "Client error: UnknownBlock: Header was not found")
    }

    private func bytes(_ parameters: [JSONValue], _ index: Int) -> [UInt8] {
        guard parameters.indices.contains(index) else { return [] }
        return HexText.decode(parameters[index].stringValue ?? "") ?? []
    }

    private func hex(_ bytes: [UInt8]) -> JSONValue { .string(HexText.encode(bytes)) }
}

extension FakeEndpoint {
    /// One more than the highest nonce that came in.
    var nextNonce: UInt64 {
        UInt64(chain.blocks.reduce(0) { $0 + $1.extrinsics.count - 1 })
    }
}
