/// Names of network devices and namespaces, 13 characters, the same on every node
/// (docs/spec/deployment.md section 4.2, docs/spec/workloads.md section 1.5).
public enum DeviceName {
    /// Characters of a name: an interface name has at most 15, two are the prefix.
    public static let length = 13

    /// The device name of a workload and a text: a network's name, `pub`, `ygg` or `mycelium`.
    public static func device(workloadID: String, text: String) -> String { shortened("\(workloadID):\(text)") }

    /// The id of a twin's network.
    public static func network(twin: UInt32, name: String) -> String { shortened("\(twin):\(name)") }

    private static func shortened(_ text: String) -> String { String(Base58.encode(MD5.digest(text)).prefix(length)) }
}
