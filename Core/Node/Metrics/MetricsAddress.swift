/// Where a node offers its figures: a UNIX socket or a port of the loopback device.
public enum MetricsAddress: Sendable, Hashable {
    case socket(path: String)
    case loopback(host: String, port: Int)

    /// `unix:/run/zos/metrics.sock`, `127.0.0.1:9100` or `[::1]:9100`.
    /// - Throws: `.badConfiguration` for other texts: figures are for this machine only.
    init(parsing text: String) throws(NodeError) {
        if text.hasPrefix("unix:/"), text.utf8.count <= 105 {
            self = .socket(path: String(text.dropFirst("unix:".count)))
            return
        }
        for (prefix, host) in [("127.0.0.1:", "127.0.0.1"), ("[::1]:", "::1")] where text.hasPrefix(prefix) {
            guard let port = UInt16(text.dropFirst(prefix.count)) else { break }
            self = .loopback(host: host, port: Int(port))
            return
        }
        throw NodeError(
            .badConfiguration, "'metrics' in the configuration is '\(text)', which is no place on this machine",
            hint: "metrics = \"unix:/run/zos/metrics.sock\" or \"127.0.0.1:9100\"")
    }
}
