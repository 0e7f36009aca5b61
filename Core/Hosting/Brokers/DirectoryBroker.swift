import CHost
import Glibc
import JSON

/// Directories of limited size in the node's pool, for companions and for workloads that refer to their owner.
///
/// The plugin never sees inside: companions get a directory as a mount, others by an export. Records, images and content
/// outlive the machine; the mounts are made again at start.
struct DirectoryBroker {
    let room: BrokerRoom
    private static let entitlement = "directories"
    /// Of one plugin at a time; each has a loop device.
    static let limit = 256

    func create(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let name = try Self.name(call)
        let size = try Self.size(call)
        let paths = try paths(Self.key(name, call.plugin))
        if try room.ledger.find(.directory, Self.key(name, call.plugin), for: call) == nil {
            let count = room.ledger.all().count { $0.kind == .directory && $0.plugin == call.plugin }
            guard count < Self.limit else {
                throw HostingError(
                    .unavailable, "plugin \(call.plugin) has \(count) directories, the most that it may have")
            }
        }
        // The size may have grown since: what it was made with is not asked again.
        let record = ObjectRecord(
            kind: .directory, name: Self.key(name, call.plugin), plugin: call.plugin, workload: call.workload,
            parameters: [:])
        let program = room.configuration.makeFileSystem
        let created = try await room.create(record, undo: { try Self.remove(paths) }) {
            let isNew = try paths.make(size, by: program)
            // Larger is what a crash in the middle of a resize leaves.
            guard let found = try paths.size(), found >= size else {
                throw HostingError(
                    .invalid, "directory \(name) exists with a smaller size", hint: "directory.resize changes it")
            }
            try paths.mount()
            // e2fsck makes it again if it needs one.
            if isNew && rmdir(paths.target + "/lost+found") != 0 && errno != ENOENT {
                try checked(-errno, "clear \(paths.target)")
            }
            if isNew { try checkedErrno(chmod(paths.target, 0o755), "open up \(paths.target)") }
            return isNew
        }
        return HostAnswer(["created": .bool(created)])
    }

    /// Makes it larger; also what writes into it at that moment.
    func resize(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let size = try Self.size(call)
        let record = try room.ledger.require(.directory, Self.key(try Self.name(call), call.plugin), for: call)
        let paths = try paths(record.name)
        try await room.gate.holding(record.key) {
            try await OwnThread.run {
                guard let current = try paths.size() else {
                    throw HostingError(.operationFailed, "the content of directory \(record.name) is gone")
                }
                guard size >= current else {
                    throw HostingError(
                        .invalid, "directory \(record.name) has \(current) bytes and cannot shrink to \(size)")
                }
                try paths.grow(from: current, to: size)
            }
        }
        return HostAnswer()
    }

    func usage(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let record = try room.ledger.require(.directory, Self.key(try Self.name(call), call.plugin), for: call)
        let paths = try paths(record.name)
        return try await OwnThread.run {
            var facts = statvfs()
            guard let size = try paths.size(), paths.isMounted, statvfs(paths.target, &facts) == 0 else {
                throw HostingError(.unavailable, "directory \(record.name) is not mounted", isRetryable: true)
            }
            let (total, free) = (UInt64(facts.f_blocks), UInt64(facts.f_bfree))
            let used = (total > free ? total - free : 0).multipliedReportingOverflow(by: UInt64(facts.f_frsize))
            return HostAnswer([
                "size": .number(JSONNumber(size)),
                "used": .number(JSONNumber(used.overflow ? .max : used.partialValue)),
                "files": .number(JSONNumber(UInt64(facts.f_files) &- UInt64(facts.f_ffree))),
            ])
        }
    }

    func delete(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let key = Self.key(try Self.name(call), call.plugin)
        guard let record = try room.ledger.find(.directory, key, for: call) else { return HostAnswer() }
        if let workload = record.workload {
            let holders = await room.companions.holders(of: workload)
            guard holders.isEmpty else {
                throw HostingError(
                    .unavailable, "directory \(record.name) is in use by \(holders.joined(separator: ", "))",
                    hint: "remove that first", isRetryable: true)
            }
        }
        try await remove(record)
        return HostAnswer()
    }

    func remove(_ record: ObjectRecord) async throws {
        let paths = try paths(record.name)
        try await room.delete(record) { try Self.remove(paths) }
    }

    private static func remove(_ paths: LimitedImage) throws(HostingError) {
        try LimitedImage.unmount(paths.target)
        try SmallFile.remove(paths.image)
    }

    /// Mounts what a reboot has unmounted.
    func recover() async {
        for record in room.ledger.all() where record.kind == .directory {
            do {
                let paths = try paths(record.name)
                try await room.gate.holding(record.key) {
                    // Without an image the core ended while it was made; the plugin asks again.
                    try await OwnThread.run { if try paths.size() != nil { try paths.mount() } }
                }
            } catch {
                room.log.error("directory not mounted", metadata: ["object": "\(record.key)", "error": "\(error)"])
            }
        }
    }

    /// The directory, for a mount.
    func open(_ record: ObjectRecord) throws(HostingError) -> OwnedDescriptor {
        let paths = try paths(record.name)
        guard paths.isMounted else {
            throw HostingError(.unavailable, "directory \(record.name) is not mounted", isRetryable: true)
        }
        return OwnedDescriptor(
            taking: try checkedErrno(
                Glibc.open(paths.target, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "open \(paths.target)"))
    }

    /// The name of the record: every plugin has names of its own. Ids of plugins and names hold no comma.
    static func key(_ name: String, _ plugin: String) -> String { "\(plugin),\(name)" }

    private func paths(_ key: String) throws(HostingError) -> LimitedImage {
        guard let pool = room.configuration.pool else {
            throw HostingError(.unsupported, "this node has no pool for directories")
        }
        return LimitedImage(
            image: "\(pool)/directories/\(key).img", target: "\(room.configuration.run)/directories/\(key)")
    }

    private static func name(_ call: BrokerCall) throws(HostingError) -> String {
        let name = try call.text("name")
        guard CompanionText.isName(name) else {
            throw HostingError(.invalid, "name has to be a workload's id or like one")
        }
        return name
    }

    private static func size(_ call: BrokerCall) throws(HostingError) -> UInt64 {
        guard let size = call.request["size"]?.uint64Value, size >= LimitedImage.leastSize, size <= UInt64(Int64.max)
        else { throw HostingError(.invalid, "size has to be at least \(LimitedImage.leastSize) bytes") }
        return size
    }
}
