import Contracts
import JSON
import Substrate
import WebSockets

/// The questions that decide whether an endpoint is used (docs/spec/tfchain.md section 9).
struct EndpointCheck: Sendable {
    /// What speaks against it.
    enum Failure: Error, CustomStringConvertible {
        case otherChain(found: HexBytes, expected: HexBytes)
        case stale(Duration)

        var description: String {
            switch self {
            case .otherChain(let found, let expected):
                "it serves another chain: its genesis is \(found.text), not \(expected.text)"
            case .stale(let lag): "its chain is \(lag) behind this clock"
            }
        }
    }

    enum Staleness: Sendable { case refused, accepted }

    let settings: ChainSettings
    let shelf: MetadataShelf
    /// The genesis that counts, nil if none was seen yet.
    let genesis: [UInt8]?
    let staleness: Staleness
    /// Milliseconds since 1970.
    let now: @Sendable () -> UInt64

    func run(_ rpc: RPCConnection, _ address: WebSocketAddress) async throws -> ChainSession {
        async let first = rpc.call("chain_getBlockHash", [0])
        async let final = rpc.call("chain_getFinalizedHead")
        async let best = rpc.call("chain_getBlockHash")
        guard let found = try RPCAnswers.blockHash(try await first),
            let newest = try RPCAnswers.blockHash(try await best)
        else { throw RPCError.nonsense("it has no block") }
        if let genesis, genesis != found {
            throw Failure.otherChain(found: HexBytes(found), expected: HexBytes(genesis))
        }
        let head = try RPCAnswers.hash(try await final)
        async let headerAnswer = rpc.call("chain_getHeader", [.string(HexText.encode(head))])
        async let versionAnswer = rpc.call("state_getRuntimeVersion", [.string(HexText.encode(head))])
        let header = try RPCAnswers.header(try await headerAnswer)
        let version = try RPCAnswers.runtimeVersion(try await versionAnswer)
        let runtime =
            if let known = shelf.metadata(version.specVersion) {
                ChainRuntime(version: version, metadata: known)
            } else {
                try await ChainSession.fetch(version, at: head, rpc, shelf, settings)
            }
        try check(try await time(at: newest, rpc, runtime.metadata))
        return ChainSession(
            address: address, genesis: found, rpc: rpc,
            head: ChainSession.Place(number: header.number, hash: head, runtime: runtime), shelf: shelf,
            settings: settings)
    }

    private func time(at hash: [UInt8], _ rpc: RPCConnection, _ metadata: RuntimeMetadata) async throws -> UInt64 {
        let key = try metadata.storageKey("Timestamp", "Now")
        let answer = try await rpc.call(
            "state_getStorage", [.string(HexText.encode(key)), .string(HexText.encode(hash))])
        guard let value = try metadata.storageValue("Timestamp", "Now", try RPCAnswers.storage(answer)) else {
            return 0
        }
        return try value.integer()
    }

    private func check(_ time: UInt64) throws(Failure) {
        let now = now()
        guard staleness == .refused, now > time else { return }
        let lag = Duration.milliseconds(Int64(clamping: now - time))
        if lag > settings.staleAfter { throw .stale(lag) }
    }
}
