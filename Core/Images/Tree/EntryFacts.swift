/// Owner, rights and time of an entry.
struct EntryFacts: Hashable {
    var user: UInt32
    var group: UInt32
    /// The lower twelve bits of a mode.
    var mode: UInt32
    /// Seconds since 1970.
    var modified: Int64

    init(user: UInt32 = 0, group: UInt32 = 0, mode: UInt32, modified: Int64 = 0) {
        self.user = user
        self.group = group
        self.mode = mode & 0o7777
        self.modified = modified
    }
}
