import Logging
import Signatures

extension RMBServer {
    /// The parts that a server works with. The node builds them once.
    public struct Services: Sendable {
        public var identity: RMBIdentity
        /// Account keys of the twins; wrapped in a cache by the server.
        public var keys: any TwinKeys
        /// The check of signatures that the relay transport shares; then `keys` are not asked.
        public var senders: SenderCheck?
        /// The desk that the relay transport shares; then `router` and the limit per twin are the desk's.
        public var desk: RequestDesk?
        /// Where replies go.
        public var addresses: any TwinAddresses
        public var router: Router
        public var replayGuard: ReplayGuard
        /// Requests of our own that wait for replies; shared with `DirectCaller`.
        public var backlog: ReplyBacklog
        public var connections: PeerConnections
        public var log: Logger
        public var clock: WallClock

        public init(
            identity: RMBIdentity, keys: any TwinKeys, addresses: any TwinAddresses, router: Router,
            replayGuard: ReplayGuard, backlog: ReplyBacklog = ReplyBacklog(),
            connections: PeerConnections = PeerConnections(), log: Logger = Logger(label: "rmb"),
            clock: @escaping WallClock = UnixTime.now
        ) {
            self.identity = identity
            self.keys = keys
            self.addresses = addresses
            self.router = router
            self.replayGuard = replayGuard
            self.backlog = backlog
            self.connections = connections
            self.log = log
            self.clock = clock
        }
    }
}
