import JSON
import Substrate

// How answers of the chain are read.
extension TfchainVectors {
    mutating func rpc(_ entry: JSONValue, _ id: String, _ metadata: RuntimeMetadata) throws {
        let expected = entry["interpretation"] ?? .null
        let result = entry["result"] ?? .null
        // Some results are shown as the whole answer of an endpoint that refused.
        if let failure = result["error"] {
            let message = try RPCMessage(["jsonrpc": "2.0", "id": 1, "error": failure])
            guard case .answer(1, .failure(let failure)) = message else { throw VectorError("no failure: \(message)") }
            return tally.check(id, "pruned", expected: expected["pruned"]?.boolValue ?? false, got: failure.isPruned)
        }
        let message = try RPCMessage(["jsonrpc": "2.0", "id": 1, "result": result])
        guard case .answer(1, .success(let answer)) = message else { throw VectorError("no answer: \(message)") }
        switch try entry.text("method") {
        case "state_getStorage":
            let bytes = try RPCAnswers.storage(answer)
            tally.check(id, "present", expected: expected["present"]?.boolValue ?? false, got: bytes != nil)
            guard let contract = expected["contract_id"]?.uint64Value else { return }
            let tree = try metadata.storageValue("SmartContractModule", "Contracts", bytes)
            let found: UInt64? = try tree?.field("contract_id").integer()
            tally.check(id, "contract", expected: contract.description, got: found?.description)
        case "chain_getBlockHash":
            let hash = try RPCAnswers.blockHash(answer)
            tally.check(id, "hash", expected: expected["hash"]?.stringValue, got: hash.map(HexText.encode))
        case "chain_getHeader":
            let header = try RPCAnswers.header(answer)
            tally.check(id, "number", expected: expected["number"]?.text, got: header.number.description)
        case "state_queryStorageAt":
            let key = try metadata.storageKey("System", "Events")
            guard let stored = try RPCAnswers.changes(answer)[key] else { throw VectorError("events are not there") }
            let events = try metadata.events(stored)
            tally.check(
                id, "events", expected: expected["record_count"]?.text, got: events.records.count.description)
        case "state_getRuntimeVersion":
            let version = try RPCAnswers.runtimeVersion(answer)
            tally.check(id, "spec", expected: expected["spec_version"]?.text, got: version.specVersion.description)
            tally.check(
                id, "transactions", expected: expected["transaction_version"]?.text,
                got: version.transactionVersion.description)
        case "system_accountNextIndex":
            let nonce = try RPCAnswers.nonce(answer)
            tally.check(id, "nonce", expected: expected["nonce"]?.text, got: nonce.description)
        case let other: throw VectorError("method \(other) is not known")
        }
    }

    mutating func watchStatus(_ entry: JSONValue, _ id: String) {
        let got =
            switch ExtrinsicStatus(entry["result"] ?? .null) {
            case .waiting: "wait"
            case .inBlock: "in_block"
            case .finalized: "finalized"
            case .usurped: "usurped"
            case .failed: "failed"
            case .unknown: "unknown"
            }
        tally.check(id, "outcome", expected: entry["outcome"]?.stringValue, got: got)
    }

    mutating func submitError(_ entry: JSONValue, _ id: String) {
        do throws(SubstrateError) {
            let message = try RPCMessage(["jsonrpc": "2.0", "id": 1, "error": entry["error"] ?? .null])
            guard case .answer(_, .failure(let failure)) = message else {
                return tally.check(id, "answer", expected: "a failure", got: "\(message)")
            }
            tally.check(id, "outcome", expected: entry["outcome"]?.stringValue, got: failure.submission.rawValue)
        } catch {
            tally.fail(id, "answer", error)
        }
    }
}
