import Signatures

extension RelayPeer {
    /// How long to wait for a relay to come back before looking again.
    private static let pause = Duration.milliseconds(100)

    /// A signed envelope from us.
    /// - Parameters:
    ///   - record: the destination's; nil if it is not known, then nothing is encrypted.
    ///   - isOwnKeyKnown: the answer of `isOwnKeyKnown()`.
    /// - Throws: `encryption` or `malformed` when the payload has to be encrypted and cannot be.
    func sealed(
        _ message: RelayEnvelope.Message, payload: [UInt8], uid: String, to destination: RelayAddress,
        _ record: TwinRecord?, isOwnKeyKnown: Bool, _ lifetime: EnvelopeLifetime
    ) throws(RMBError) -> RelayEnvelope {
        var envelope = RelayEnvelope()
        envelope.uid = uid
        envelope.lifetime = lifetime
        envelope.source = own
        envelope.destination = destination
        envelope.message = message
        envelope.schema = RelayEnvelope.jsonSchema
        envelope.federation = record?.relayText
        envelope.relays = relayNames
        if let record {
            envelope.payload = try sealer.payload(
                payload, for: destination.twin, record, isOwnKeyKnown: isOwnKeyKnown)
        } else {
            envelope.payload = .plain(payload)
        }
        // Encrypt first, then sign.
        envelope.sign(with: services.identity.key)
        return envelope
    }

    /// Whether others can open what we encrypt: our twin's record has our key. If the ledger is away, it is taken to be so.
    func isOwnKeyKnown() async -> Bool {
        guard let key = services.encryption?.publicKey else { return false }
        switch await services.directory.record(of: own.twin, freshness: .remembered) {
        case .found(let record): return record.encryptionKey == key
        case .absent: return false
        case .unavailable: return true
        }
    }

    /// Sends by one of the relays; the others are tried when it fails. Without any it waits for one.
    /// - Parameters:
    ///   - deadline: Unix seconds after which nobody wants the message any more.
    ///   - preferred: the relay to try first.
    ///   - avoided: relays that are not tried at all.
    ///   - make: the message; made when there is a relay to take it.
    /// - Returns: which relay took it.
    /// - Throws: `unreachable` when none did in time, `cancelled`, and what `make` throws.
    @discardableResult
    func send(
        until deadline: Int64, preferring preferred: Int? = nil, avoiding avoided: Set<Int> = [],
        _ make: () throws(RMBError) -> [UInt8]
    ) async throws(RMBError) -> Int {
        var preferred = preferred
        var isWaiting = false
        defer { if isWaiting { figures.waiting(-1) } }
        while true {
            var left = lines.indices.filter { !avoided.contains($0) && lines[$0].isConnected }
            while let line = choose(preferred, of: left) {
                preferred = nil
                left.removeAll { $0 == line }
                guard services.clock().seconds < deadline else { break }
                if await hand(try make(), to: line) { return line }
                if Task.isCancelled { throw RMBError(.cancelled, "the call was cancelled") }
            }
            guard services.clock().seconds < deadline, avoided.count < lines.count else {
                throw RMBError(.unreachable, "no relay took the message in time", isRetryable: true)
            }
            if !isWaiting { figures.waiting(1) }
            isWaiting = true
            do { try await Task.sleep(for: Self.pause) } catch {
                throw RMBError(.cancelled, "the call was cancelled")
            }
        }
    }

    private func choose(_ preferred: Int?, of left: [Int]) -> Int? {
        if let preferred, left.contains(preferred) { return preferred }
        return choice.withLock { $0.next(of: left) }
    }

    private func hand(_ bytes: [UInt8], to line: Int) async -> Bool {
        do throws(RMBError) {
            try await lines[line].send(bytes, timeout: configuration.sendTimeout)
            figures.sent()
            return true
        } catch {
            if error.code != .cancelled { choice.withLock { $0.failed(line) } }
            return false
        }
    }

    /// Whether any relay but these is connected.
    func isConnected(besides avoided: Set<Int> = []) -> Bool {
        lines.indices.contains { !avoided.contains($0) && lines[$0].isConnected }
    }

    func succeeded(_ line: Int) { choice.withLock { $0.succeeded(line) } }
    func failed(_ line: Int) { choice.withLock { $0.failed(line) } }
}
