extension Relay {
    /// What a relay is, and how much it takes in.
    public struct Configuration: Sendable {
        /// Files of a certificate chain and its key, in PEM form.
        public struct Certificate: Sendable {
            public let chain: String
            public let key: String

            public init(chain: String, key: String) {
                self.chain = chain
                self.key = key
            }
        }

        /// Names under which twins have this relay on the ledger.
        public var names: [String]
        /// An address in text form; port 0 takes a free one.
        public var host = "0.0.0.0"
        public var port = 0
        /// Without it connections are in clear.
        public var certificate: Certificate?
        /// Where other relays are found.
        public var remotes = RemoteRelays()
        /// Connections in all, and from one IPv4 address or one IPv6 network of 64 bits.
        public var connectionLimit = 1024
        public var connectionsPerSource = 256
        /// Sessions of one twin that are connected at once.
        public var sessionsPerTwin = 64
        /// How much each twin may send in a minute, and each address over federation; nil for no limit.
        public var rate: RateLimit?
        public var mailboxes = MailboxLimits()
        /// Envelopes, and their bytes, on their way to other relays.
        public var federationLimit = 4096
        public var federationBytes = 64 << 20
        /// From the opening of a connection to the end of its request.
        public var requestTimeout: Duration = .seconds(10)
        /// A session without any frame for this long is dead: peers ping after 20 seconds.
        public var idleTimeout: Duration = .seconds(90)

        /// - Parameter names: host names, without port.
        public init(names: [String]) { self.names = names }
    }
}
