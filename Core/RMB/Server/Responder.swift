import JSON
import Signatures

/// What happens to a request between its last byte and its answer. Knows nothing of sockets.
final class Responder: Sendable {
    static let queueFull = RMBError(.queueFull, "couldn't queue message for processing", isRetryable: true)

    private let configuration: RMBServer.Configuration
    private let services: RMBServer.Services
    private let verifier: MessageVerifier
    private let queue: ProxyQueue
    private let desk: RequestDesk

    init(configuration: RMBServer.Configuration, services: RMBServer.Services) {
        self.configuration = configuration
        self.services = services
        let desk =
            services.desk
            ?? RequestDesk(
                router: services.router, requestsPerTwin: configuration.requestsPerTwin)
        self.desk = desk
        verifier = MessageVerifier(
            senders: services.senders
                ?? SenderCheck(keys: CachedTwinKeys(services.keys, clock: services.clock)),
            rules: EnvelopeRules(ownTwin: services.identity.twin) { desk.router.accepts($0) }, clock: services.clock)
        queue = ProxyQueue(limits: configuration.proxyLimits)
    }

    /// Answers the exchange, then does what it asked for.
    func serve(_ exchange: Exchange) async {
        if exchange.path.utf8.elementsEqual(ResultRequest.path.utf8) {
            return exchange.respond(results(exchange.body))
        }
        guard let door = Door(rawValue: exchange.path) else { return exchange.respond(.notFound) }
        do throws(RMBError) {
            let verified = try await verifier.verify(RMBMessage(parsing: exchange.body), door: door)
            switch door {
            case .reply: exchange.respond(try takeReply(verified))
            case .request: try await takeRequest(verified, queue: nil, exchange)
            case .proxied:
                guard
                    let name = queue.open(
                        for: ProxyQueue.MessageKey(twin: verified.sender.id, digest: verified.digest),
                        at: services.clock())
                else {
                    throw Self.queueFull
                }
                try await takeRequest(verified, queue: name, exchange)
            }
        } catch {
            exchange.respond(.refused(error))
        }
    }

    private func results(_ body: [UInt8]) -> HTTPReply {
        do {
            let request = try ResultRequest(parsing: body)
            return .results(queue.answers(under: request.queue, at: services.clock()))
        } catch {
            return .refused(error, isResult: true)
        }
    }

    private func takeReply(_ reply: VerifiedMessage) throws(RMBError) -> HTTPReply {
        guard try admit(reply) else { return .accepted }
        if !services.backlog.deliver(reply) {
            services.log.debug("reply without a request dropped", metadata: ["twin": "\(reply.sender.id)"])
        }
        return .accepted
    }

    /// Answers over HTTP, then runs the handler and sends its reply. The queue's entry is given up on refusal.
    private func takeRequest(_ request: VerifiedMessage, queue name: String?, _ exchange: Exchange)
        async
        throws(RMBError)
    {
        do throws(RMBError) {
            try desk.begin(request.sender.id)
            defer { desk.end(request.sender.id) }
            guard try admit(request) else {
                // The same answer as then. If the message came in by the other door, or its answer has been fetched long
                // ago, that is a name that stays empty.
                if let name { queue.cancel(name) }
                return exchange.respond(name.map(HTTPReply.queue) ?? .accepted)
            }
            exchange.respond(name.map(HTTPReply.queue) ?? .accepted)
            await answer(request, queue: name)
        } catch {
            if let name { queue.cancel(name) }
            throw error
        }
    }

    /// Whether the message is new. A repeated one is answered like the first and otherwise ignored.
    private func admit(_ verified: VerifiedMessage) throws(RMBError) -> Bool {
        let clock = services.clock()
        switch services.replayGuard.admit(
            source: verified.sender.id, digest: verified.digest, now: verified.message.now, clock: clock)
        {
        case .fresh: return true
        case .repeated: return false
        case .unknowable: throw Freshness.tooOld(now: verified.message.now, clock: clock)
        case .full: throw Self.queueFull
        }
    }

    private func answer(_ request: VerifiedMessage, queue name: String?) async {
        var reply = request.message
        reply.source = Int64(services.identity.twin)
        reply.destinations = [Int64(request.sender.id)]
        reply.error = ""
        reply.data = ""
        switch await result(of: request) {
        case .result(let text): reply.data = Base64.encode(text)
        case .failure(let text): reply.error = text
        }
        if let name { deliver(reply, queue: name) } else { await send(reply) }
    }

    private func result(of request: VerifiedMessage) async -> RequestDesk.Answer {
        guard let payload = Base64.decode(request.message.data) else {
            return .failure("the payload is not padded base64")
        }
        let answer = await desk.answer(
            RMBRequest(caller: request.sender, command: request.command, payload: payload))
        // In base64 it grows by a third.
        if case .result(let text) = answer, text.count > RMBMessage.sizeLimit * 9 / 16 { return RequestDesk.tooLarge }
        return answer
    }

    private func deliver(_ reply: RMBMessage, queue name: String) {
        var reply = reply
        reply.isProxied = true
        reply.returnQueue = name
        guard let rendered = ProxyQueue.rendered(reply, key: services.identity.key, at: services.clock()) else {
            return
        }
        queue.store(rendered.encoded, under: name)
    }

    private func send(_ reply: RMBMessage) async {
        var reply = reply
        reply.sign(with: services.identity.key, at: services.clock())
        let twin = reply.destinations?.first ?? 0
        do {
            let sender = PeerSender(addresses: services.addresses, connections: services.connections)
            try await sender.send(reply, through: .reply)
        } catch {
            // The bus of old does not try again either; the caller's request expires.
            services.log.info("reply not delivered", metadata: ["twin": "\(twin)", "cause": "\(error)"])
        }
    }
}
