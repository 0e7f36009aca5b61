/// One entry of a root that a test makes.
public struct FixtureEntry: Sendable {
    public enum Kind: Sendable {
        case folder
        case file([UInt8])
        case link(String)
        case hardLink(String)
        case pipe
        case device
        case socket
    }

    public var path: [UInt8]
    public var kind: Kind
    public var mode: UInt32
    public var user: UInt32
    public var group: UInt32
    public var modified: Int64

    public init(
        _ path: String, _ kind: Kind, mode: UInt32 = 0o644, user: UInt32 = 0, group: UInt32 = 0,
        modified: Int64 = 1_700_000_000
    ) {
        self.init(bytes: Array(path.utf8), kind, mode: mode, user: user, group: group, modified: modified)
    }

    public init(
        bytes path: [UInt8], _ kind: Kind, mode: UInt32 = 0o644, user: UInt32 = 0, group: UInt32 = 0,
        modified: Int64 = 1_700_000_000
    ) {
        self.path = path
        self.kind = kind
        self.mode = mode
        self.user = user
        self.group = group
        self.modified = modified
    }

    /// A small root with every kind that a root may have, set-id bits and owners of its own.
    public static let root: [FixtureEntry] = [
        FixtureEntry("etc", .folder, mode: 0o755),
        FixtureEntry("etc/motd", .file(Array("hello\n".utf8)), mode: 0o640, user: 7, group: 8),
        FixtureEntry("bin", .folder, mode: 0o711, user: 3, group: 4, modified: 1_600_000_000),
        FixtureEntry("bin/app", .file([UInt8](repeating: 7, count: 1_300_000)), mode: 0o4755),
        FixtureEntry("bin/empty", .file([]), mode: 0o600),
        FixtureEntry("bin/sh", .link("/bin/app"), mode: 0o777, user: 5, group: 6),
        FixtureEntry("run", .folder, mode: 0o1777),
        FixtureEntry("run/pipe", .pipe, mode: 0o622, user: 9),
    ]
}
