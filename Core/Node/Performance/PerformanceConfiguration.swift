import JSON
import RMB

/// What an operator says about performance tasks: the table `performance`.
public struct PerformanceConfiguration: Sendable, Hashable {
    /// Every task that there is.
    public static let known = ["healthcheck", "cpu-benchmark", "iperf", "public-ip-validation"]

    /// Tasks that run.
    public var tasks = PerformanceConfiguration.known
    /// Seconds after the start until a task runs that has no result yet.
    public var first: Int64 = 600
    /// Where the health check tries a connection. Nobody is asked who is not named here.
    public var peers: [PeerAddress] = []

    init() {}

    /// Throws `.badConfiguration` naming the member.
    init(_ value: JSONValue) throws(NodeError) {
        guard let object = value.objectValue else { throw Self.wrong("", "a table") }
        for member in object.members {
            switch member.key {
            case "tasks":
                let tasks = (member.value.arrayValue ?? [.null]).map { $0.stringValue ?? "" }
                guard tasks.allSatisfy(Self.known.contains) else {
                    throw Self.wrong(".tasks", "a list of " + Self.known.joined(separator: ", "))
                }
                self.tasks = tasks
            case "first":
                guard let seconds = member.value.uint64Value, seconds <= 1 << 31 else {
                    throw Self.wrong(".first", "a number of seconds")
                }
                first = Int64(seconds)
            case "peers":
                let texts = (member.value.arrayValue ?? [.null]).map { $0.stringValue ?? "" }
                let peers = texts.compactMap(Self.peer)
                guard peers.count == texts.count else { throw Self.wrong(".peers", "a list of host:port") }
                self.peers = peers
            default: throw Self.wrong(".\(member.key)", "a member that there is")
            }
        }
    }

    private static func peer(_ text: String) -> PeerAddress? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
            return nil
        }
        let host = text[..<colon].filter { $0 != "[" && $0 != "]" }
        return host.isEmpty ? nil : PeerAddress(host: host, port: Int(port))
    }

    private static func wrong(_ member: String, _ kind: String) -> NodeError {
        NodeError(
            .badConfiguration, "'performance\(member)' in the configuration is not \(kind)",
            hint: "see docs/configuration.md")
    }
}
