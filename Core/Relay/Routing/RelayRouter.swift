import Logging
import RMB
import Synchronization

/// Decides where each envelope goes (docs/spec/rmb-relay.md section 6). Knows nothing of sockets.
final class RelayRouter: Sendable {
    private let names: Set<String>
    private let directory: RelayTwins
    private let switchboard: Switchboard
    private let federation: Federation
    private let figures: RelayFigures
    private let clock: WallClock
    private let rates: Mutex<RateWindows<UInt32>>
    private let doorRates: Mutex<RateWindows<NetworkSource>>

    init(
        configuration: Relay.Configuration, directory: RelayTwins, switchboard: Switchboard,
        federation: Federation, figures: RelayFigures, clock: @escaping WallClock
    ) {
        names = Set(configuration.names.map { $0.lowercased() })
        rates = Mutex(RateWindows(limit: configuration.rate))
        doorRates = Mutex(RateWindows(limit: configuration.rate))
        self.directory = directory
        self.switchboard = switchboard
        self.federation = federation
        self.figures = figures
        self.clock = clock
    }

    /// Routes what a connected peer sent. Failures go back to it, if it was a request.
    /// - Throws: `malformed` for bytes that are no envelope.
    func route(_ bytes: [UInt8], from sender: RelayAddress) async throws(RMBError) {
        let envelope = try RoutedEnvelope(parsing: bytes)
        do throws(RoutingFailure) {
            try await pass(envelope, from: sender, at: clock())
        } catch {
            report(error, of: envelope, to: sender)
        }
    }

    /// Tells a sender why its request goes nowhere.
    func report(_ failure: RoutingFailure, of envelope: RoutedEnvelope, to sender: RelayAddress) {
        switch failure {
        case .rateLimit: figures.count(.limited)
        case .expired: figures.count(.expired)
        default: figures.count(.refused)
        }
        guard envelope.kind == .request else { return }
        let now = clock()
        answer(RelayAnswers.error(failure.text, uid: envelope.uid, to: sender, at: now), to: sender, at: now)
    }

    private func pass(
        _ envelope: RoutedEnvelope, from sender: RelayAddress, at time: UnixTime
    ) async throws(RoutingFailure) {
        let now = UInt64(clamping: time.seconds)
        guard rates.withLock({ $0.admit(sender.twin, size: envelope.bytes.count, at: now) }) else { throw .rateLimit }
        guard envelope.source == sender else { throw .wrongSource }
        if envelope.kind == .ping {
            // It was read before, so it can be read again.
            guard let pong = try? RelayAnswers.pong(envelope.bytes) else { return }
            return answer(pong, to: sender, at: time)
        }
        guard let destination = envelope.destination, destination.twin != 0 else { throw .missingDestination }
        guard let deadline = envelope.deadline(at: time) else { throw .expired }
        switch deliver(envelope, to: destination, deadline, .refused, at: now) {
        case .handed: return figures.count(.delivered)
        case .full: throw .notRouted(destination, why: "too many messages wait for it")
        case .stored, .absent: break
        }
        let relays = try await relays(of: destination, at: now)
        guard relays.contains(where: names.contains) else {
            return try federation.submit(FederatedEnvelope(envelope: envelope, sender: sender, relays: relays))
        }
        // It may have connected while the ledger was asked.
        switch deliver(envelope, to: destination, deadline, envelope.failsFast ? .refused : .allowed, at: now) {
        case .handed: figures.count(.delivered)
        case .stored: figures.count(.stored)
        case .absent: throw .offline
        case .full: throw .notRouted(destination, why: "too many messages wait for it")
        }
    }

    private func relays(of peer: RelayAddress, at now: UInt64) async throws(RoutingFailure) -> [String] {
        switch await directory.twin(peer.twin, at: now) {
        case .found(let twin):
            let relays = RelayNames.split(twin.relay)
            guard !relays.isEmpty else { throw .noRelay }
            return relays
        case .absent: throw .unknownTwin
        case .unavailable(let why): throw .notRouted(peer, why: why)
        }
    }

    private func deliver(
        _ envelope: RoutedEnvelope, to peer: RelayAddress, _ deadline: UInt64, _ waiting: Switchboard.Waiting,
        at now: UInt64
    ) -> Switchboard.Delivery {
        switchboard.deliver(
            envelope.bytes, from: envelope.source?.twin ?? 0, to: peer, deadline: deadline, waiting: waiting, at: now)
    }

    private func answer(_ bytes: [UInt8], to sender: RelayAddress, at time: UnixTime) {
        let now = UInt64(clamping: time.seconds)
        let (deadline, _) = now.addingReportingOverflow(RelayAnswers.errorLifetime)
        // A sender that went away in the meantime, or does not read, gets no answer: its own deadline tells it.
        _ = switchboard.deliver(bytes, from: 0, to: sender, deadline: deadline, waiting: .refused, at: now)
    }
}

extension RelayRouter {
    /// Takes what another relay hands over. Nobody logged in: neither source nor signature is known to be right, which
    /// is for the receiving peer to find out.
    func receive(_ bytes: [UInt8], from source: NetworkSource) async -> DoorReply {
        let envelope: RoutedEnvelope
        do {
            envelope = try RoutedEnvelope(parsing: bytes)
        } catch {
            figures.count(.malformed)
            return DoorReply(400, "bad request: \(error.message)")
        }
        let now = clock()
        let seconds = UInt64(clamping: now.seconds)
        guard doorRates.withLock({ $0.admit(source, size: bytes.count, at: seconds) }) else {
            figures.count(.limited)
            // A 4xx would be final for the sender, which may well come again in the next minute.
            return DoorReply(503, RoutingFailure.rateLimit.text)
        }
        let reply = await take(envelope, at: now)
        if reply.status >= 400 { figures.count(.refused) }
        return reply
    }

    private func take(_ envelope: RoutedEnvelope, at time: UnixTime) async -> DoorReply {
        let now = UInt64(clamping: time.seconds)
        guard let destination = envelope.destination, destination.twin != 0 else {
            return DoorReply(400, "bad request: \(RoutingFailure.missingDestination.text)")
        }
        guard let deadline = envelope.deadline(at: time) else {
            return DoorReply(400, "bad request: \(RoutingFailure.expired.text)")
        }
        if envelope.failsFast, !switchboard.isConnected(destination) {
            return DoorReply(404, RoutingFailure.offline.text)
        }
        do throws(RoutingFailure) {
            guard try await relays(of: destination, at: now).contains(where: names.contains) else {
                return DoorReply(404, "this is no relay of twin \(destination.twin)")
            }
        } catch {
            if case .notRouted = error { return DoorReply(503, error.text) }
            return DoorReply(404, error.text)
        }
        switch deliver(envelope, to: destination, deadline, envelope.failsFast ? .refused : .allowed, at: now) {
        case .handed: figures.count(.delivered)
        case .stored: figures.count(.stored)
        case .absent: return DoorReply(404, RoutingFailure.offline.text)
        case .full: return DoorReply(503, "too many messages wait for '\(destination)'")
        }
        return DoorReply(202, "")
    }
}
