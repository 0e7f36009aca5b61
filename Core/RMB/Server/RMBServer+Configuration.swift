extension RMBServer {
    /// Where and how much the server takes in. The defaults suit a node.
    public struct Configuration: Sendable {
        /// One place to listen at.
        public enum Listener: Sendable {
            /// An address in text form and a port; port 0 takes a free one.
            case address(String, port: Int)
            /// An IPv6 address that the machine does not need to have yet.
            case laterAddress(String, port: Int)
            /// A stream socket that listens already. The server owns and closes it.
            case descriptor(Int32)
        }

        /// The port of the grid's buses (`docs/spec/rmb-direct.md` section 1).
        public static let defaultPort = 8051

        public var listeners: [Listener] = [.address("0.0.0.0", port: defaultPort), .address("::", port: defaultPort)]
        /// Bytes of a request's body.
        public var bodyLimit = RMBMessage.sizeLimit
        public var connectionLimit = 1024
        public var connectionsPerSource = 64
        /// Steady rate and burst of requests of one source.
        public var requestsPerSecond = 200.0
        public var burst = 400.0
        /// Requests that are read, verified or answered at the same time, in all and per twin.
        public var requestLimit = 1024
        public var requestsPerTwin = 64
        /// From the first byte of a request, or the opening of the connection, to the last byte.
        public var requestTimeout: Duration = .seconds(10)
        /// How long a connection may stay open between requests.
        public var idleTimeout: Duration = .seconds(60)
        public var proxyLimits = ProxyQueue.Limits()

        public init() {}
    }
}
