/// A systemd unit file, as far as the doctor looks at it.
public struct SystemdUnit: Sendable {
    private let values: [String: [String: [String]]]

    /// Reads sections of `key=value` lines; comments and what is no such line are skipped. A line that ends with a
    /// backslash goes on in the next.
    public init(parsing text: String) {
        var values: [String: [String: [String]]] = [:]
        var section = ""
        for line in text.replacing("\\\n", with: " ").split(separator: "\n") {
            let line = String(line).trimmedOfSpaces
            if line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                section = String(line.dropFirst().dropLast())
            } else if let equals = line.firstIndex(of: "=") {
                let key = String(line[..<equals]).trimmedOfSpaces
                values[section, default: [:]][key, default: []].append(
                    String(line[line.index(after: equals)...]).trimmedOfSpaces)
            }
        }
        self.values = values
    }

    /// The last value of a key, which is the one in force.
    public func value(_ section: String, _ key: String) -> String? { values[section]?[key]?.last }

    /// Why a node must not run under this unit: what it would do to workloads when the node restarts.
    public var faults: [String] {
        var faults: [String] = []
        let mode = value("Service", "KillMode") ?? "control-group"
        if mode != "process" {
            faults.append("KillMode=\(mode) would end all workloads with the node; it has to be 'process'")
        }
        if value("Service", "ExecStart")?.isEmpty != false { faults.append("there is no ExecStart") }
        for key in ["CapabilityBoundingSet", "NoNewPrivileges", "RestrictNamespaces", "SystemCallFilter"] {
            if let value = value("Service", key), value != "no", value != "false" {
                faults.append("\(key)=\(value) would keep the node from making the sandboxes of plugins; leave it out")
            }
        }
        if value("Service", "PrivateMounts") == "true" || value("Service", "PrivateMounts") == "yes" {
            faults.append("PrivateMounts would take the node's mounts away when it restarts")
        }
        return faults
    }
}

extension String {
    fileprivate var trimmedOfSpaces: String {
        let kept = drop { $0 == " " || $0 == "\t" }
        guard let end = kept.lastIndex(where: { $0 != " " && $0 != "\t" && $0 != "\r" }) else { return "" }
        return String(kept[...end])
    }
}
