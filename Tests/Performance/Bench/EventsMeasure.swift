import Chain
import Contracts
import Signatures
import Substrate

/// Events of busy blocks, decoded by the metadata and mapped to the ledger's model, against BLAKE2b-256 of the same bytes: the least
/// that touches each of them.
enum EventsMeasure {
    private static let perBlock = 200
    private static let rounds = 200

    static func take() async throws -> [Measurement] {
        let metadata = try RuntimeMetadata(parsing: BuiltInMetadata.bytes)
        let blob = try block(metadata)
        let decoding = try await Samples.take(rounds) {
            let events = try metadata.events(blob)
            guard events.failure == nil, events.records.count == perBlock else { throw BenchError("events were lost") }
            for record in events.records { _ = try LedgerEvent(record, metadata) }
        }
        let hashing = try await Samples.take(rounds) { _ = Sodium.blake2b(blob) }
        let parsing = try await Samples.take(5) { _ = try RuntimeMetadata(parsing: BuiltInMetadata.bytes) }
        return [
            Measurement(
                name: "events decoded",
                meaning: "events of a block to the ledger's model ÷ BLAKE2b-256 of the same bytes",
                ratio: decoding.median / hashing.median, aim: .atMost(60),
                figures: [
                    .init("events decoded and mapped, one core", Double(perBlock) / decoding.median * 1e9, "events/s"),
                    .init("a block of \(perBlock) events, \(blob.count) bytes", decoding.median.microseconds, "µs"),
                    .init("BLAKE2b-256 of the same bytes", hashing.median.microseconds, "µs"),
                    .init("metadata of \(BuiltInMetadata.bytes.count) bytes read", parsing.median.milliseconds, "ms"),
                ])
        ]
    }

    /// What fills blocks of the grid: bills, reports, contracts that come and go, and a success for each call.
    private static func block(_ metadata: RuntimeMetadata) throws -> [UInt8] {
        let account = AccountID(try KeyPair(secretURI: "//Alice", scheme: .sr25519).publicKey)
        guard let hash = ContractHash(text: "2cb568bc867aff488d124190a3db42d3") else { throw BenchError("no hash") }
        let events = try (0..<perBlock).map { index -> RuntimeEvent in
            let id = UInt64(index + 1)
            let event: LedgerEvent =
                switch index % 8 {
                case 0: .contractBilled(contract: id, timestamp: 1_700_000_000, amount: 250_000)
                case 1: .updatedUsedResources(resources: ContractResources(contract: id, used: Resources(cru: 2)))
                case 2:
                    .nruConsumptionReportReceived(
                        report: TrafficReport(contract: id, timestamp: 1_700_000_000, window: 3600, nru: id))
                case 3:
                    .contractCreated(
                        contract: Contract(
                            id: id, twin: 7, kind: .node(NodeContract(node: 3, hash: hash, data: HexBytes([1, 2])))))
                case 4: .nodeContractCanceled(contract: id, node: 3, twin: 7)
                case 5: .twinUpdated(twin: Twin(id: 7, account: account, relay: "relay.example", pk: HexBytes([2])))
                default: .extrinsicSuccess
                }
            guard let written = try event.runtimeEvent(phase: .applyExtrinsic(UInt32(index)), metadata) else {
                throw BenchError("an event cannot be written")
            }
            return written
        }
        return try metadata.encode(events: events)
    }
}
