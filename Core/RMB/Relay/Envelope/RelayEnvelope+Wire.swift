import SwiftProtobuf

extension RelayEnvelope {
    /// Reads the protobuf form.
    /// - Throws: `tooLarge` beyond 1 MiB, `malformed` for what is no envelope: bad wire format or UTF-8, a session's name
    ///   of more than `SessionName.lengthLimit` bytes, or too many relays.
    public init(parsing bytes: [UInt8]) throws(RMBError) {
        guard bytes.count <= Self.sizeLimit else {
            throw RMBError(.tooLarge, "the envelope has \(bytes.count) bytes, the limit is \(Self.sizeLimit)")
        }
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = true
        let wire: WireEnvelope
        do {
            wire = try WireEnvelope(serializedBytes: bytes, options: options)
        } catch {
            throw RMBError(.malformed, "this is no envelope: \(error)")
        }
        try self.init(wire)
    }

    /// The protobuf form.
    public var encoded: [UInt8] {
        // Nothing in a message of proto3 can keep it from being written.
        (try? wire.serializedBytes()) ?? []
    }

    private init(_ wire: WireEnvelope) throws(RMBError) {
        uid = wire.uid
        tags = wire.hasTags ? wire.tags : nil
        lifetime = EnvelopeLifetime(timestamp: wire.timestamp, expiration: wire.expiration)
        source = wire.hasSource ? try Self.address(wire.source) : nil
        destination = wire.hasDestination ? try Self.address(wire.destination) : nil
        message = wire.message.map(Message.init)
        payload = wire.payload.map { payload in
            switch payload {
            case .plain(let bytes): .plain(Array(bytes))
            case .cipher(let bytes): .cipher(Array(bytes))
            }
        }
        schema = wire.hasSchema ? wire.schema : nil
        federation = wire.hasFederation ? wire.federation : nil
        guard wire.relays.count <= Self.relaysLimit else {
            throw RMBError(.malformed, "an envelope names at most \(Self.relaysLimit) relays")
        }
        relays = wire.relays
        signature = wire.hasSignature ? Array(wire.signature) : nil
    }

    private static func address(_ wire: WireAddress) throws(RMBError) -> RelayAddress {
        guard wire.hasConnection else { return RelayAddress(twin: wire.twin) }
        guard wire.connection.utf8.count <= SessionName.lengthLimit else {
            throw RMBError(.malformed, "a session's name has at most \(SessionName.lengthLimit) bytes")
        }
        return RelayAddress(twin: wire.twin, session: wire.connection)
    }

    private var wire: WireEnvelope {
        var wire = WireEnvelope()
        wire.uid = uid
        if let tags { wire.tags = tags }
        wire.timestamp = lifetime.timestamp
        wire.expiration = lifetime.expiration
        if let source { wire.source = WireAddress(source) }
        if let destination { wire.destination = WireAddress(destination) }
        wire.message = message.map(WireEnvelope.OneOf_Message.init)
        switch payload {
        case .plain(let bytes): wire.plain = .init(bytes)
        case .cipher(let bytes): wire.cipher = .init(bytes)
        case nil: break
        }
        if let schema { wire.schema = schema }
        if let federation { wire.federation = federation }
        wire.relays = relays
        if let signature { wire.signature = .init(signature) }
        return wire
    }
}

extension RelayEnvelope.Message {
    fileprivate init(_ wire: WireEnvelope.OneOf_Message) {
        switch wire {
        case .request(let request): self = .request(command: request.command)
        case .response: self = .response
        case .error(let error): self = .error(code: error.code, text: error.message)
        case .ping: self = .ping
        case .pong: self = .pong
        }
    }
}

extension WireEnvelope.OneOf_Message {
    fileprivate init(_ message: RelayEnvelope.Message) {
        switch message {
        case .request(let command):
            var request = WireRequest()
            request.command = command
            self = .request(request)
        case .response: self = .response(WireResponse())
        case .error(let code, let text):
            var error = WireError()
            error.code = code
            error.message = text
            self = .error(error)
        case .ping: self = .ping(WirePing())
        case .pong: self = .pong(WirePong())
        }
    }
}

extension WireAddress {
    fileprivate init(_ address: RelayAddress) {
        self.init()
        twin = address.twin
        if let session = address.session { connection = session }
    }
}
