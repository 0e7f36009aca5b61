import Contracts
import JSON
import Substrate
import Synchronization
import WebSockets

/// One connection to an endpoint that was found good: what may be asked of it, and the finalised head that it told last.
final class ChainSession: Sendable {
    /// A block with what its state is read with.
    struct Place: Sendable {
        let number: UInt32
        let hash: [UInt8]
        let runtime: ChainRuntime
    }

    private struct State {
        var head: Place
        var heardAt: ContinuousClock.Instant
        /// Runtime versions at block hashes, the newest last.
        var versions: [(hash: [UInt8], version: RuntimeVersion)] = []
    }

    private static let keptVersions = 64

    let address: WebSocketAddress
    let genesis: [UInt8]
    let rpc: RPCConnection
    /// Advances with the endpoint's finalised heads.
    let heads: HeadSignal
    let shelf: MetadataShelf
    let settings: ChainSettings
    private let state: Mutex<State>
    private let failure: AsyncStream<String>
    private let fails: AsyncStream<String>.Continuation

    init(
        address: WebSocketAddress, genesis: [UInt8], rpc: RPCConnection, head: Place, shelf: MetadataShelf,
        settings: ChainSettings
    ) {
        self.address = address
        self.genesis = genesis
        self.rpc = rpc
        self.shelf = shelf
        self.settings = settings
        heads = HeadSignal(head: head.number)
        state = Mutex(State(head: head, heardAt: .now))
        (failure, fails) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    /// The newest finalised block that the endpoint told of.
    var head: Place { state.withLock { $0.head } }

    /// Gives the connection up; whoever holds it moves on to the next endpoint.
    func fail(_ reason: String) { fails.yield(reason) }

    /// Follows the finalised heads until the session fails or falls silent.
    /// - Parameter advance: told of every new head.
    /// - Returns: why it is over.
    func follow(_ advance: @escaping @Sendable (Place) -> Void) async -> String {
        await withTaskGroup(of: String?.self) { group in
            group.addTask { await self.listen(advance) }
            group.addTask { await self.watchForSilence() }
            group.addTask {
                for await reason in self.failure { return reason }
                return nil
            }
            let reason = await group.next() ?? nil
            group.cancelAll()
            return reason ?? "it was given up"
        }
    }

    private func listen(_ advance: @Sendable (Place) -> Void) async -> String {
        do {
            return try await rpc.subscribe(
                "chain_subscribeFinalizedHeads", ending: "chain_unsubscribeFinalizedHeads"
            ) { news in
                for try await value in news {
                    let header = try RPCAnswers.header(value)
                    // Repeated and older heads are no news, but they are a sign of life.
                    state.withLock { $0.heardAt = .now }
                    guard header.number > head.number else { continue }
                    let place = try await place(header.number)
                    guard let place else { return "it has no hash for its own finalised block \(header.number)" }
                    state.withLock { $0.head = place }
                    heads.advance(to: place.number)
                    advance(place)
                }
                return "it ended the subscription of finalised heads"
            }
        } catch {
            return "\(error)"
        }
    }

    private func watchForSilence() async -> String? {
        while !Task.isCancelled {
            let wait = state.withLock { $0.heardAt } + settings.headSilence - .now
            if wait <= .zero { return "no finalised head for \(settings.headSilence)" }
            // Cancelled when the session is over.
            try? await Task.sleep(for: wait)
        }
        return nil
    }

    /// A block of the canonical chain by its number; nil if there is none yet.
    func place(_ number: UInt32) async throws -> Place? {
        let known = head
        if known.number == number { return known }
        guard let hash = try await hash(of: number) else { return nil }
        return Place(number: number, hash: hash, runtime: try await runtime(at: hash))
    }

    /// The hash of a block of the canonical chain; nil if there is none yet.
    func hash(of number: UInt32) async throws -> [UInt8]? {
        try RPCAnswers.blockHash(try await rpc.call("chain_getBlockHash", [.number(JSONNumber(number))]))
    }

    /// The runtime with which the state after a block is read.
    func runtime(at hash: [UInt8]) async throws -> ChainRuntime {
        let version = try await version(at: hash)
        if let metadata = shelf.metadata(version.specVersion) {
            return ChainRuntime(version: version, metadata: metadata)
        }
        return try await Self.fetch(version, at: hash, rpc, shelf, settings)
    }

    private func version(at hash: [UInt8]) async throws -> RuntimeVersion {
        if let known = state.withLock({ $0.versions.last { $0.hash == hash }?.version }) { return known }
        let answer = try await rpc.call("state_getRuntimeVersion", [.string(HexText.encode(hash))])
        let version = try RPCAnswers.runtimeVersion(answer)
        learn(version, at: hash)
        return version
    }

    /// Notes the runtime version after a block, for instance because its parent's is known and it changed nothing.
    func learn(_ version: RuntimeVersion, at hash: [UInt8]) {
        state.withLock { state in
            if state.versions.contains(where: { $0.hash == hash }) { return }
            state.versions.append((hash, version))
            if state.versions.count > Self.keptVersions { state.versions.removeFirst() }
        }
    }

    static func fetch(
        _ version: RuntimeVersion, at hash: [UInt8], _ rpc: RPCConnection, _ shelf: MetadataShelf,
        _ settings: ChainSettings
    ) async throws -> ChainRuntime {
        let answer = try await rpc.call(
            "state_getMetadata", [.string(HexText.encode(hash))], patience: settings.metadataTimeout)
        let metadata = try shelf.keep(try RPCAnswers.metadata(answer), version: version.specVersion)
        return ChainRuntime(version: version, metadata: metadata)
    }
}
