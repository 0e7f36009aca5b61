import JSON
import Synchronization

/// Hands out users of the host that nobody else has, and never the same one twice.
///
/// Kept in one file (written, flushed, renamed), so that a number given to something that is long gone never comes
/// back with its files.
public final class UIDAllocator: Sendable {
    /// Single users; far above those of distributions and directory services.
    static let firstUser: UInt32 = 0x1000_0000
    static let endOfUsers: UInt32 = 0x2000_0000
    /// Ranges for user namespaces.
    static let firstRange: UInt32 = 0x4000_0000
    static let endOfRanges: UInt32 = 0x7fff_0000
    /// Ids of one range.
    public static let rangeLength: UInt32 = 65536

    private struct Record: Codable, Equatable {
        var version = 1
        var nextUser = UIDAllocator.firstUser
        var nextRange = UIDAllocator.firstRange
        var users: [String: UInt32] = [:]
        var ranges: [String: UInt32] = [:]
    }

    private let path: String
    private let record: Mutex<Record>

    /// - Throws: `operationFailed` if the file is there and unreadable: starting over would use numbers twice.
    public init(path: String) throws(HostingError) {
        self.path = path
        guard let bytes = try SmallFile.read(path) else {
            record = Mutex(Record())
            return
        }
        do {
            let stored = try JSONValue(parsing: bytes).decode(Record.self)
            guard stored.version == 1 else { throw JSONError(.refused, "version \(stored.version) is not known") }
            record = Mutex(Self.withoutInstances(stored))
        } catch {
            throw HostingError(
                .operationFailed, "the record of user numbers \(path) is unreadable: \(error)",
                hint: "restore the file from a backup; without it numbers could be used twice")
        }
    }

    /// Instances of companions, which earlier versions listed: they keep their users themselves.
    private static func withoutInstances(_ record: Record) -> Record {
        var record = record
        record.users = record.users.filter { !$0.key.hasPrefix("companion-") }
        return record
    }

    /// A user that nobody ever had, for whoever keeps it in a record of its own.
    public func fresh() throws(HostingError) -> UInt32 {
        try change { (record) throws(HostingError) in
            guard record.nextUser < Self.endOfUsers else { throw Self.exhausted }
            defer { record.nextUser += 1 }
            return record.nextUser
        }
    }

    /// The user of `owner`; the same one each time until it is released.
    public func user(for owner: String) throws(HostingError) -> UInt32 {
        try change { (record) throws(HostingError) in
            if let user = record.users[owner] { return user }
            guard record.nextUser < Self.endOfUsers else { throw Self.exhausted }
            let user = record.nextUser
            record.nextUser += 1
            record.users[owner] = user
            return user
        }
    }

    /// The first of `rangeLength` ids for the user namespace of `owner`.
    public func range(for owner: String) throws(HostingError) -> UInt32 {
        try change { (record) throws(HostingError) in
            if let range = record.ranges[owner] { return range }
            guard record.nextRange < Self.endOfRanges else { throw Self.exhausted }
            let range = record.nextRange
            record.nextRange += Self.rangeLength
            record.ranges[owner] = range
            return range
        }
    }

    /// Forgets the owner. Its numbers are not given to anybody else.
    public func release(_ owner: String) throws(HostingError) {
        try change { (record) throws(HostingError) in
            record.users[owner] = nil
            record.ranges[owner] = nil
        }
    }

    private static let exhausted = HostingError(
        .unavailable, "every user number of this node has been given out",
        hint: "numbers are never used twice, so this node can take no further plugins and companions")

    /// On disk before anybody can use the number.
    private func change<Answer>(
        _ body: (inout Record) throws(HostingError) -> Answer
    ) throws(HostingError) -> Answer {
        var outcome: Result<Answer, HostingError> = .failure(Self.exhausted)
        record.withLock { record in
            do throws(HostingError) {
                var changed = record
                let answer = try body(&changed)
                if changed != record { try store(changed) }
                record = changed
                outcome = .success(answer)
            } catch {
                outcome = .failure(error)
            }
        }
        return try outcome.get()
    }

    private func store(_ record: Record) throws(HostingError) {
        do {
            try SmallFile.replace(path, with: Array(JSONValue(encoding: record).text.utf8), .disk)
        } catch let error as HostingError {
            throw error
        } catch {
            throw HostingError(.operationFailed, "the record of user numbers cannot be written: \(error)")
        }
    }
}
