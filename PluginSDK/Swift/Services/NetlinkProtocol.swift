/// The netlink families that the node opens for plugins.
public enum NetlinkProtocol: String, Sendable {
    case route
    case netfilter
    case generic
}
