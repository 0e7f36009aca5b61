/// Which packets a table sees.
public enum FilterFamily: UInt8, Sendable {
    /// IPv4 and IPv6.
    case inet = 1
    case ipv4 = 2
    case arp = 3
    /// Frames that pass a bridge.
    case bridge = 7
    case ipv6 = 10
}
