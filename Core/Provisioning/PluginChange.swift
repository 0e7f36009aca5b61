import JSON

/// A change of an installed plugin, as the journal has it.
public struct PluginChange: Sendable {
    public enum Kind: String, Sendable { case install, upgrade, downgrade, remove }

    /// How far it is. What is `open` is taken back at the next start, what is `committed` is finished then.
    public enum Phase: String, Sendable {
        case open, committed, done
        case rolledBack = "rolled_back"
    }

    public internal(set) var id: Int64
    public let plugin: String
    public let kind: Kind
    public let from: String?
    public let to: String?
    /// Digest of the new package.
    public let digest: String?
    public internal(set) var phase: Phase

    public init(plugin: String, kind: Kind, from: String?, to: String?, digest: String?) {
        (id, phase) = (0, .open)
        self.plugin = plugin
        self.kind = kind
        self.from = from
        self.to = to
        self.digest = digest
    }
}

/// What a line of the journal says about a step of a change.
public enum PluginChangeMark: String, Sendable {
    /// Will be done now.
    case intent
    /// Something on the host or on disk is other than before.
    case effect
    /// Done, or given up: the detail says which.
    case result
}
