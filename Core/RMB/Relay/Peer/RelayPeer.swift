import Logging
import Signatures
import Synchronization

/// A twin at its relays: keeps a connection to each, answers requests by the same desk as the direct transport, and sends
/// requests of its own (`docs/spec/rmb-relay.md`).
///
/// `run()` is the parent of all its tasks.
public final class RelayPeer: Sendable {
    private struct Arrival: Sendable {
        let line: Int
        /// nil for a message that is not binary.
        let bytes: [UInt8]?
    }

    /// Signed answers to what could not be verified, per second: anybody can ask for them.
    private static let refusalRate = TokenBucket.Rate(perSecond: 20, burst: 100)

    public let figures = PeerFigures()
    let configuration: Configuration
    let services: Services
    let sealer: PayloadSealer
    let pending = PendingCalls()
    let own: RelayAddress
    let lines: [RelayLine]
    let choice: Mutex<LineChoice>
    private let verifier: EnvelopeVerifier
    private let memory = AnswerMemory()
    private let refusals = Mutex(TokenBucket(refusalRate, at: .now))
    private let arrivals: AsyncStream<Arrival>
    private let arriving: AsyncStream<Arrival>.Continuation
    private let underWay = Atomic<Int>(0)
    private let bytesUnderWay = Atomic<Int>(0)

    public init(configuration: Configuration, services: Services) {
        self.configuration = configuration
        self.services = services
        own = RelayAddress(twin: services.identity.twin, session: configuration.session?.description)
        let keys = services.encryption.map { SharedKeys(own: $0, log: services.log) }
        sealer = PayloadSealer(keys: keys, refusesDowngrade: configuration.refusesDowngrade, log: services.log)
        lines = configuration.relays.map { relay in
            RelayLine(
                to: relay.address, client: configuration.client, pause: configuration.reconnectPause, log: services.log)
        }
        choice = Mutex(LineChoice(count: lines.count))
        verifier = EnvelopeVerifier(
            own: own, senders: services.senders, directory: services.directory, keys: keys,
            replayGuard: services.replayGuard,
            limits: TwinLimits(
                TokenBucket.Rate(perSecond: configuration.requestsPerSecond, burst: configuration.burst)),
            policy: configuration.policy, clock: services.clock
        ) { [pending] uid, twin in pending.awaits(uid, from: twin) }
        (arrivals, arriving) = AsyncStream.makeStream(
            of: Arrival.self, bufferingPolicy: .bufferingOldest(configuration.envelopeLimit))
    }

    /// Names of the relays, as envelopes carry them.
    var relayNames: [String] { configuration.relays.map(\.name) }

    /// Stays connected and answers until the task is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for (index, line) in lines.enumerated() { group.addTask { await self.keep(line, index) } }
            for await arrival in arrivals {
                group.addTask {
                    await self.take(arrival)
                    self.ended(arrival)
                }
            }
            group.cancelAll()
        }
    }

    private func keep(_ line: RelayLine, _ index: Int) async {
        await line.run(
            token: {
                RelayToken.make(
                    for: self.own.twin, session: self.configuration.session, key: self.services.identity.key,
                    at: self.services.clock())
            },
            receive: { bytes in self.receive(Arrival(line: index, bytes: bytes)) },
            changed: { isConnected in
                self.figures.connected(isConnected ? 1 : -1)
                if !isConnected {
                    self.choice.withLock { $0.failed(index) }
                    self.pending.lost(index)
                }
            })
    }

    /// Lets a message in, or drops it when too much is under way already.
    private func receive(_ arrival: Arrival) {
        figures.received()
        let count = underWay.add(1, ordering: .relaxed).newValue
        let bytes = bytesUnderWay.add(arrival.bytes?.count ?? 0, ordering: .relaxed).newValue
        if count <= configuration.envelopeLimit, bytes <= configuration.byteLimit,
            case .enqueued = arriving.yield(arrival)
        {
            return
        }
        ended(arrival)
        figures.refused(.rate)
    }

    private func ended(_ arrival: Arrival) {
        underWay.subtract(1, ordering: .relaxed)
        bytesUnderWay.subtract(arrival.bytes?.count ?? 0, ordering: .relaxed)
    }

    private func take(_ arrival: Arrival) async {
        let envelope: RelayEnvelope
        do throws(RMBError) {
            guard let bytes = arrival.bytes else { throw RMBError(.malformed, "a text message is no envelope") }
            envelope = try RelayEnvelope(parsing: bytes)
        } catch {
            figures.refused(.malformed)
            return services.log.debug("envelope refused", metadata: ["cause": "\(error)"])
        }
        do throws(EnvelopeRefusal) {
            switch try await verifier.admit(envelope) {
            case .request(let request): try await answer(request, line: arrival.line)
            case .answer(let uid, let sender, let answer):
                guard pending.deliver(answer, uid: uid, from: sender.id) else {
                    throw EnvelopeRefusal(.unsolicited, "it was answered already")
                }
            case .relayError(let uid, let text): _ = pending.undelivered(uid, line: arrival.line, text: text)
            }
        } catch {
            await refuse(envelope, error, line: arrival.line)
        }
    }

    private func answer(_ request: AdmittedRequest, line: Int) async throws(EnvelopeRefusal) {
        let key = AnswerMemory.Key(twin: request.sender.id, digest: request.digest)
        guard request.isFirst else {
            figures.refused(.repeated)
            if case .answered(let bytes) = memory.repeated(key, line: line) {
                await deliver(bytes, to: request.source, by: line, until: request.deadline)
            }
            return
        }
        guard let desk = services.desk else { throw EnvelopeRefusal(.command, "this twin answers no requests") }
        do throws(RMBError) {
            try desk.begin(request.sender.id)
        } catch {
            throw EnvelopeRefusal(.rate, "other: \(error)", code: EnvelopeRefusal.WireCode.other)
        }
        defer { desk.end(request.sender.id) }
        memory.begin(key, line: line, deadline: request.deadline)
        let call = RMBRequest(caller: request.sender, command: request.command, payload: request.payload)
        let bytes = await reply(
            to: request.source, uid: request.uid, message(for: await desk.answer(call)),
            lifetime: EnvelopeLifetime.usual)
        let latest = memory.finish(key, bytes, at: services.clock())
        if let bytes { await deliver(bytes, to: request.source, by: latest ?? line, until: request.deadline) }
    }

    private func message(
        for answer: RequestDesk.Answer
    ) -> (message: RelayEnvelope.Message, payload: [UInt8]) {
        var answer = answer
        // Room for everything around the payload.
        if case .result(let json) = answer, json.count > RelayEnvelope.sizeLimit - 16384 {
            answer = RequestDesk.tooLarge
        }
        switch answer {
        case .result(let json): return (.response, json)
        case .failure(let text):
            return (.error(code: EnvelopeRefusal.WireCode.failedCall, text: Self.cut(text)), Self.null)
        }
    }

    private static let null = Array("null".utf8)

    /// Errors are for people: 64 KiB of them are enough.
    private static func cut(_ text: String) -> String {
        text.utf8.count <= 65536 ? text : String(decoding: text.utf8.prefix(65536), as: UTF8.self)
    }

    /// Counts and logs; answers a request with the code of the refusal, if it has one.
    private func refuse(_ envelope: RelayEnvelope, _ refusal: EnvelopeRefusal, line: Int) async {
        figures.refused(refusal.reason)
        services.log.debug(
            "envelope refused",
            metadata: [
                "reason": "\(refusal.reason.rawValue)", "cause": "\(refusal)",
                "source": "\(envelope.source?.twin ?? 0)",
            ])
        guard let code = refusal.code, case .request = envelope.message, let source = envelope.source, source != own,
            refusals.withLock({ $0.take(Self.refusalRate, at: .now) })
        else { return }
        let bytes = await reply(
            to: source, uid: envelope.uid, (.error(code: code, text: refusal.message), Self.null),
            lifetime: envelope.lifetime.expiration)
        let seconds = Int64(
            EnvelopeLifetime(sentAt: services.clock(), seconds: envelope.lifetime.expiration).expiration)
        if let bytes {
            await deliver(bytes, to: source, by: line, until: services.clock().seconds + min(seconds, 10))
        }
    }

    /// A signed answer; nil if it cannot be made, which is logged.
    private func reply(
        to destination: RelayAddress, uid: String, _ content: (message: RelayEnvelope.Message, payload: [UInt8]),
        lifetime: UInt64
    ) async -> [UInt8]? {
        do throws(RMBError) {
            // A twin that does not exist hears so in plain, if its relay knows it.
            var record: TwinRecord?
            switch await services.directory.record(of: destination.twin, freshness: .remembered) {
            case .found(let found): record = found
            case .absent: break
            case .unavailable(let cause): throw RMBError(.keyUnavailable, cause)
            }
            return try sealed(
                content.message, payload: content.payload, uid: uid, to: destination, record,
                isOwnKeyKnown: await isOwnKeyKnown(),
                EnvelopeLifetime(sentAt: services.clock(), seconds: lifetime)
            ).encoded
        } catch {
            services.log.info("answer not made", metadata: ["twin": "\(destination.twin)", "cause": "\(error)"])
            return nil
        }
    }

    private func deliver(_ bytes: [UInt8], to destination: RelayAddress, by line: Int, until deadline: Int64) async {
        do throws(RMBError) {
            try await send(until: deadline, preferring: line) { () throws(RMBError) in bytes }
        } catch {
            services.log.info("answer not sent", metadata: ["twin": "\(destination.twin)", "cause": "\(error)"])
        }
    }
}
