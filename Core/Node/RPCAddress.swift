/// Where the embedded ledger answers as a chain.
public enum RPCAddress: Sendable, Hashable {
    /// An IP address of this machine. IPv6 without brackets.
    case address(host: String, port: Int)
    /// A socket that listens already.
    case descriptor(Int32)

    /// `127.0.0.1:9944`, `[::1]:9944`, or the port alone, which means the loopback device.
    /// - Throws: `.badConfiguration`.
    init(parsing text: String) throws(NodeError) {
        let colon = text.lastIndex(of: ":")
        let port = UInt16(colon.map { text[text.index(after: $0)...] } ?? text[...])
        var host = colon.map { String(text[..<$0]) } ?? "127.0.0.1"
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard let port, !host.isEmpty, !host.contains(where: { $0 == "[" || $0 == "]" }) else {
            throw NodeError(
                .badConfiguration, "'ledger.rpc' in the configuration is '\(text)', which is no address",
                hint: "ledger = { rpc = \"127.0.0.1:9944\" }")
        }
        self = .address(host: host, port: Int(port))
    }
}
