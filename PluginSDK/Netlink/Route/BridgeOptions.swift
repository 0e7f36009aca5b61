/// Options of a bridge; nil leaves the kernel's default.
public struct BridgeOptions: Sendable, Equatable {
    /// Hundredths of a second that a port waits before it forwards; 0 without spanning tree.
    public var forwardDelay: UInt32?
    public var hasSpanningTree: Bool?
    public var snoopsMulticast: Bool?
    /// Refused by kernels without VLAN support.
    public var filtersVLANs: Bool?

    public init(
        forwardDelay: UInt32? = nil, hasSpanningTree: Bool? = nil, snoopsMulticast: Bool? = nil,
        filtersVLANs: Bool? = nil
    ) {
        self.forwardDelay = forwardDelay
        self.hasSpanningTree = hasSpanningTree
        self.snoopsMulticast = snoopsMulticast
        self.filtersVLANs = filtersVLANs
    }

    func encode(into writer: inout NetlinkWriter) {
        if let forwardDelay { writer.attribute(1, forwardDelay) }
        if let hasSpanningTree { writer.attribute(5, UInt32(hasSpanningTree ? 1 : 0)) }
        if let filtersVLANs { writer.attribute(7, UInt8(filtersVLANs ? 1 : 0)) }
        if let snoopsMulticast { writer.attribute(23, UInt8(snoopsMulticast ? 1 : 0)) }
    }
}
