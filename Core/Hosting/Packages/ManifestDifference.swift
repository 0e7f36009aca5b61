import JSON

/// What changes from one version of a plugin to another, by its manifests: what somebody wants to know before an upgrade.
public struct ManifestDifference: Sendable, Hashable {
    public enum Kind: String, Sendable { case added, removed, changed }

    /// One thing that is not as it was.
    public struct Change: Sendable, Hashable {
        public let kind: Kind
        /// `entitlement`, `type`, `command`, `companion`, or the member's name.
        public let what: String
        public let name: String
        /// Of a change: the pointer below it and both values, as JSON.
        public let detail: String
    }

    public let changes: [Change]

    /// - Parameters: both manifests as documents.
    public init(from old: JSONValue, to new: JSONValue) {
        var changes: [Change] = []
        for (member, what, key) in [
            ("types", "type", "name"), ("commands", "command", "name"), ("entitlements", "entitlement", "name"),
            ("companions", "companion", "id"),
        ] {
            changes += Self.compare(Self.named(old[member], key), Self.named(new[member], key), what)
        }
        for member in ["version", "abi", "features", "limits", "state", "license", "homepage", "summary"] {
            let (left, right) = (old[member] ?? .null, new[member] ?? .null)
            guard left != right else { continue }
            changes += Self.parts(left, right, "").map { Change(kind: .changed, what: member, name: "", detail: $0) }
        }
        self.changes = changes
    }

    private static func named(_ list: JSONValue?, _ key: String) -> [(name: String, value: JSONValue)] {
        var seen: [String: Int] = [:]
        return (list?.arrayValue ?? []).map { value in
            let name = value[key]?.stringValue ?? ""
            seen[name, default: 0] += 1
            // A right may be asked for more than once, with other parameters.
            let count = seen[name] ?? 1
            return (count > 1 ? "\(name) #\(count)" : name, value)
        }
    }

    private static func compare(
        _ old: [(name: String, value: JSONValue)], _ new: [(name: String, value: JSONValue)], _ what: String
    ) -> [Change] {
        var changes: [Change] = []
        for (name, value) in new {
            guard let before = old.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                changes.append(Change(kind: .added, what: what, name: name, detail: reason(value)))
                continue
            }
            changes += parts(before.value, value, "").map {
                Change(kind: .changed, what: what, name: name, detail: $0)
            }
        }
        for (name, value) in old where !new.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
            changes.append(Change(kind: .removed, what: what, name: name, detail: reason(value)))
        }
        return changes
    }

    private static func reason(_ value: JSONValue) -> String { value["reason"]?.stringValue ?? "" }

    /// The places in which two values differ, each as `pointer: old → new`.
    private static func parts(_ old: JSONValue, _ new: JSONValue, _ pointer: String) -> [String] {
        if old == new { return [] }
        guard let left = old.objectValue, let right = new.objectValue else {
            return ["\(pointer.isEmpty ? "" : pointer + ": ")\(old.text) → \(new.text)"]
        }
        var keys = left.keys
        keys += right.keys.filter { key in !keys.contains { $0.utf8.elementsEqual(key.utf8) } }
        return keys.flatMap { parts(left[$0] ?? .null, right[$0] ?? .null, "\(pointer)/\($0)") }
    }
}
