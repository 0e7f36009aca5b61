import Chain
import Contracts
import JSON
import Substrate
import TestVectors

extension FuzzTarget {
    private static let grid = Result { try RuntimeMetadata(parsing: BuiltInMetadata.bytes) }

    /// Two bytes of a type's number, then a value: what is read is written to the same bytes.
    static let scale = FuzzTarget("scale") {
        let stored = try FuzzSeeds.chain(["storage_value"], "encoded").map { ($0.entry["value_type_id"], $0.bytes) }
        let events = try FuzzSeeds.chain(["events", "dispatch_error"], "encoded").map {
            ($0.entry["type_id"], $0.bytes)
        }
        return (stored + events).map { type, bytes in
            let id = UInt16(truncatingIfNeeded: type?.uint64Value ?? 0)
            return [UInt8(id & 255), UInt8(id >> 8)] + bytes
        }
    } run: { bytes in
        guard let metadata = try? grid.get(), bytes.count >= 2 else { return nil }
        let type = UInt32(bytes[0]) | UInt32(bytes[1]) << 8
        let encoded = Array(bytes.dropFirst(2))
        guard let value = try? metadata.registry.decode(encoded, as: type) else { return nil }
        guard (try? metadata.registry.encode(value, as: type)) == encoded else {
            return "a value of type \(type) is written otherwise than it was read"
        }
        _ = try? Contract(value)
        _ = try? Twin(value)
        _ = try? Node(value)
        _ = try? Farm(value)
        return nil
    }

    /// An extrinsic as anybody may submit it, and the events of a block.
    static let extrinsic = FuzzTarget("extrinsic") {
        try FuzzSeeds.chain(["extrinsic"], "extrinsic").map(\.bytes)
            + FuzzSeeds.chain(["call", "events"], "encoded").map(\.bytes)
    } run: { bytes in
        guard let metadata = try? grid.get() else { return "the metadata cannot be read" }
        if let extrinsic = try? metadata.extrinsic(parsing: bytes) {
            guard (try? metadata.encode(extrinsic.call)) == extrinsic.callBytes else {
                return "a call is written otherwise than it was read"
            }
            _ = try? metadata.isValid(
                extrinsic, genesisHash: [UInt8](repeating: 1, count: 32), specVersion: 149, transactionVersion: 2,
                eraHash: [UInt8](repeating: 2, count: 32))
        }
        if let call = try? metadata.call(bytes) { _ = try? LedgerCall(call) }
        guard let events = try? metadata.events(bytes) else { return "events cannot be told at all" }
        for event in events.records { _ = try? LedgerEvent(event, metadata) }
        return nil
    }

    /// Metadata of an endpoint, and a block's events read with it.
    static let metadata = FuzzTarget("metadata", maxBytes: 256 << 10) {
        [BuiltInMetadata.bytes]
    } run: { bytes in
        guard let metadata = try? RuntimeMetadata(parsing: bytes) else { return nil }
        let blob: [UInt8] = [8] + [UInt8](repeating: 0, count: 64)
        _ = try? metadata.events(blob)
        _ = try? metadata.payload(
            [0, 0], SigningContext(genesisHash: [], specVersion: 1, transactionVersion: 1, nonce: 0))
        for type in 0..<UInt32(min(metadata.registry.types.count, 64)) {
            _ = try? metadata.registry.decode(blob, as: type)
        }
        return nil
    }

    /// A message of an endpoint.
    static let rpc = FuzzTarget("chain-rpc") {
        (try VectorFile.load("tfchain.json")["cases"]?.arrayValue ?? []).compactMap { entry in
            switch entry["kind"]?.stringValue {
            case "rpc", "watch_status":
                let answer: JSONValue = ["jsonrpc": "2.0", "id": 1, "result": entry["result"] ?? .null]
                return Array(answer.text.utf8)
            case "submit_error":
                let answer: JSONValue = ["jsonrpc": "2.0", "id": 1, "error": entry["error"] ?? .null]
                return Array(answer.text.utf8)
            default: return nil
            }
        }
    } run: { bytes in
        guard let value = try? JSONValue(parsing: bytes, mode: .lenient), let message = try? RPCMessage(value) else {
            return nil
        }
        let result: JSONValue
        switch message {
        case .answer(_, .success(let answer)): result = answer
        case .answer(_, .failure(let failure)):
            _ = (failure.submission, failure.isPruned)
            return nil
        case .notification(_, _, let news): result = news
        }
        _ = ExtrinsicStatus(result)
        _ = try? RPCAnswers.storage(result)
        _ = try? RPCAnswers.blockHash(result)
        _ = try? RPCAnswers.header(result)
        _ = try? RPCAnswers.runtimeVersion(result)
        _ = try? RPCAnswers.changes(result)
        _ = try? RPCAnswers.keys(result)
        _ = try? RPCAnswers.extrinsics(result)
        return nil
    }
}
