import JSON

/// An RMB command that a plugin serves.
public struct CommandDeclaration: Sendable {
    /// Who may call it.
    public enum Caller: String, Sendable, CaseIterable {
        /// Every twin.
        case any
        /// Twins that own a workload of the plugin's types on this node.
        case owner
        /// The twin of the farm that the node belongs to.
        case farmer
        /// The twins that the operator's configuration names.
        case admin
        /// Nobody by message: the node asks, for a type whose `info` names the command.
        case node
    }

    /// Dotted words, such as `zos.network.list_wg_ports`.
    public let name: String
    public let callers: Caller
    /// What the payload must be; nil for anything.
    public let request: JSONValue?
    /// What the reply is, for those who read `describe`.
    public let reply: JSONValue?
    public let summary: String?

    init(parsing value: JSONValue, _ path: String) throws(HostingError) {
        let reader = try ManifestObject(value, path, members: ["name", "callers", "request", "reply", "summary"])
        name = try reader.text("name")
        guard Self.isCommand(name) else {
            throw reader.wrong("name", "dotted words of a-z, 0-9 and _, at most 128 characters")
        }
        guard let callers = Caller(rawValue: try reader.text("callers")) else {
            throw reader.wrong("callers", "one of \(Caller.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.callers = callers
        request = reader["request"]
        reply = reader["reply"]
        summary = try reader.optionalLine("summary")
    }

    private static func isCommand(_ text: String) -> Bool {
        let words = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return text.utf8.count <= 128 && words.count >= 2
            && words.allSatisfy { word in
                !word.isEmpty
                    && word.allSatisfy { byte in
                        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
                    }
            }
    }
}
