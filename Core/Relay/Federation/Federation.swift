import Logging
import RMB
import Synchronization

/// Hands envelopes to the relays of their destinations until one takes them or they expire
/// (docs/spec/rmb-relay.md section 6). Bounded in number and bytes; `run()` is the parent of all tries.
final class Federation: Sendable {
    private struct Load {
        var count = 0
        var bytes = 0
    }

    private let countLimit: Int
    private let byteLimit: Int
    private let remotes: RemoteRelays
    private let transport: any RelayTransport
    private let figures: RelayFigures
    private let log: Logger
    private let clock: WallClock
    private let pause: @Sendable (Duration) async throws -> Void
    private let history = Mutex(FailureHistory())
    private let load = Mutex(Load())
    private let waiting: AsyncStream<FederatedEnvelope>
    private let submissions: AsyncStream<FederatedEnvelope>.Continuation

    init(
        configuration: Relay.Configuration, transport: any RelayTransport, figures: RelayFigures, log: Logger,
        clock: @escaping WallClock,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        countLimit = configuration.federationLimit
        byteLimit = configuration.federationBytes
        remotes = configuration.remotes
        self.transport = transport
        self.figures = figures
        self.log = log
        self.clock = clock
        self.pause = pause
        (waiting, submissions) = AsyncStream.makeStream(of: FederatedEnvelope.self)
    }

    /// Envelopes under way.
    var count: Int { load.withLock { $0.count } }

    /// Takes an envelope over.
    /// - Throws: `notRouted` if there is no room, or none of the relays is one that this one knows the way to.
    func submit(_ envelope: FederatedEnvelope) throws(RoutingFailure) {
        let destination = envelope.envelope.destination ?? envelope.sender
        guard envelope.relays.contains(where: { remotes.place(of: $0) != nil }) else {
            let names = envelope.relays.map { "'\($0)'" }.joined(separator: ", ")
            throw .notRouted(destination, why: "this relay does not know where \(names) is")
        }
        let hasRoom = load.withLock { load in
            guard load.count < countLimit, load.bytes + envelope.envelope.bytes.count <= byteLimit else { return false }
            load.count += 1
            load.bytes += envelope.envelope.bytes.count
            return true
        }
        guard hasRoom, case .enqueued = submissions.yield(envelope) else {
            if hasRoom { release(envelope) }
            throw .notRouted(destination, why: "too many messages wait for other relays")
        }
    }

    /// Works until the task is cancelled.
    /// - Parameter failed: told about each envelope that goes nowhere.
    func run(failed: @escaping @Sendable (FederatedEnvelope, RoutingFailure) -> Void) async {
        await withDiscardingTaskGroup { group in
            for await envelope in waiting {
                group.addTask {
                    defer { self.release(envelope) }
                    do throws(RoutingFailure) {
                        try await self.send(envelope)
                    } catch {
                        failed(envelope, error)
                    }
                }
            }
        }
        submissions.finish()
    }

    private func send(_ envelope: FederatedEnvelope) async throws(RoutingFailure) {
        var plan = RetryPlan()
        while !Task.isCancelled {
            let now = UInt64(clamping: clock().seconds)
            var random = SystemRandomNumberGenerator()
            for relay in history.withLock({ $0.order(envelope.relays, at: now, using: &random) }) {
                guard let place = remotes.place(of: relay) else { continue }
                guard envelope.envelope.deadline(at: clock()) != nil else { throw .expired }
                switch await transport.post(envelope.envelope.bytes, to: place) {
                case .accepted: return figures.count(.federated)
                case .refused(let why): throw .rejected(why)
                case .failed(let why):
                    history.withLock { $0.failed(relay, at: now) }
                    log.info("another relay does not answer", metadata: ["relay": "\(relay)", "cause": "\(why)"])
                }
            }
            do { try await pause(plan.pause(spread: Double.random(in: 0...1))) } catch { break }
        }
        // The relay ends: what was not handed over goes with it, as what waits in memory does.
        figures.count(.lost)
    }

    private func release(_ envelope: FederatedEnvelope) {
        load.withLock { load in
            load.count -= 1
            load.bytes -= envelope.envelope.bytes.count
        }
    }
}
