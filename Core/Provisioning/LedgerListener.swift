import Contracts

/// Hears what finalised blocks tell besides contracts. Each method may be called twice for one event.
public protocol LedgerListener: Sendable {
    /// A twin was made or changed: what is remembered of it is replaced.
    func changed(_ twin: Twin) async
    /// The farmer gave this node a public configuration, or took it away.
    func changed(_ config: PublicConfig?) async
    /// The farmer wants a node of the farm, this one or a peer, up or down.
    func wanted(_ target: NodePower.Target, ofNode node: UInt32) async
    /// More was missed than is made up for event by event: what is remembered of twins may be wrong.
    func missedEvents() async
}

extension LedgerListener {
    public func changed(_ twin: Twin) async {}
    public func changed(_ config: PublicConfig?) async {}
    public func wanted(_ target: NodePower.Target, ofNode node: UInt32) async {}
    public func missedEvents() async {}
}
