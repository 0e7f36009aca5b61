import Logging
import Signatures
import WebSockets

extension RelayPeer {
    /// Which relays, and how much is taken in. The defaults suit a node.
    public struct Configuration: Sendable {
        /// All are connected at the same time.
        public var relays: [RelayEndpoint]
        /// Nodes have none; each program of a user takes one of its own.
        public var session: SessionName?
        /// Between the loss of a connection and the next try.
        public var reconnectPause: Duration = .seconds(2)
        /// How long one relay may take to accept a message.
        public var sendTimeout: Duration = .seconds(2)
        /// Sends a request again when the relay that carried it is lost before the answer. Nodes of this kind do it once
        /// all the same.
        public var resends = true
        /// Envelopes that are verified or answered at the same time; more are dropped.
        public var envelopeLimit = 1024
        /// And their bytes.
        public var byteLimit = 64 << 20
        /// Requests of one twin: per second, and at once after a rest.
        public var requestsPerSecond = 50.0
        public var burst = 200.0
        public var policy = EnvelopeVerifier.Policy()
        /// Nothing is sent in plain to a twin whose messages were encrypted before.
        public var refusesDowngrade = false
        public var client: WebSocketClient

        public init(relays: [RelayEndpoint]) {
            self.relays = relays
            // Longer messages are no envelopes; one byte more, so that they are refused and not the connection.
            client = WebSocketClient(settings: WebSocketSettings(messageLimit: RelayEnvelope.sizeLimit + 1024))
        }
    }

    /// The parts that a peer works with.
    public struct Services: Sendable {
        public var identity: RMBIdentity
        /// nil: payloads are not encrypted.
        public var encryption: EndToEndKey?
        public var directory: any TwinDirectory
        /// Shared with the direct transport.
        public var senders: SenderCheck
        /// What answers requests, shared with the direct transport; nil for peers that only ask.
        public var desk: RequestDesk?
        /// Not shared: envelopes are remembered for half an hour, direct messages for two minutes.
        public var replayGuard: ReplayGuard
        public var log: Logger
        public var clock: WallClock

        public init(
            identity: RMBIdentity, encryption: EndToEndKey?, directory: any TwinDirectory, senders: SenderCheck,
            desk: RequestDesk?, replayGuard: ReplayGuard, log: Logger = Logger(label: "rmb"),
            clock: @escaping WallClock = UnixTime.now
        ) {
            self.identity = identity
            self.encryption = encryption
            self.directory = directory
            self.senders = senders
            self.desk = desk
            self.replayGuard = replayGuard
            self.log = log
            self.clock = clock
        }
    }
}
