import CHost
import Glibc
import JSON

/// Programs that a plugin may have the core run.
struct CompanionBroker {
    let room: BrokerRoom
    /// Folders of plugins, for exports.
    let folders: @Sendable (String) -> OwnedDescriptor?
    /// Bytes of output that one answer has at most.
    private static let longestOutput = 256 << 10

    func start(_ call: BrokerCall) async throws -> HostAnswer {
        let (started, process) = try await room.companions.start(try await launch(call))
        return HostAnswer(["started": .bool(started), "pid": .number(JSONNumber(process))])
    }

    func run(_ call: BrokerCall) async throws -> HostAnswer {
        let timeout = try call.seconds("timeout", default: 30, atMost: 600)
        var launch = try await launch(call)
        guard launch.specification.restart.when == .never else {
            throw HostingError(.invalid, "companion \(launch.specification.id) is restarted by the node: start it")
        }
        let input = Array((try call.optionalText("input") ?? "").utf8)
        launch.input = try Self.file(input)
        let exit = try await room.companions.runToEnd(
            launch, timeout: min(timeout, launch.specification.limits.time))
        let code = exit.code ?? exit.signal.map { 128 + $0 } ?? -1
        return HostAnswer(["code": .number(JSONNumber(code)), "output": .string(exit.output)])
    }

    func stop(_ call: BrokerCall) async throws -> HostAnswer {
        guard let signal = (call.request["signal"] ?? 15).int64Value, (1...64).contains(signal) else {
            throw HostingError(.invalid, "signal has to be from 1 to 64")
        }
        try await room.companions.stop(
            try identity(call), signal: Int32(signal),
            grace: try call.seconds("grace", default: 5, atMost: 120), workload: call.workload)
        return HostAnswer()
    }

    func status(_ call: BrokerCall) async throws -> HostAnswer {
        let bytes = (call.request["bytes"] ?? .number(JSONNumber(CompanionExit.outputLimit))).intValue
        guard let bytes, (0...Self.longestOutput).contains(bytes) else {
            throw HostingError(.invalid, "bytes has to be from 0 to \(Self.longestOutput)")
        }
        let status = try await room.companions.status(
            try identity(call), workload: call.workload, output: bytes)
        return HostAnswer([
            "running": .bool(status?.isRunning ?? false), "due": .bool(status?.isDue ?? false),
            "pid": .number(JSONNumber(status?.process ?? 0)),
            "uptime": .number(JSONNumber(status?.uptime.components.seconds ?? 0)),
            "output": .string(status?.output ?? ""),
        ])
    }

    func connect(_ call: BrokerCall) async throws -> HostAnswer {
        let socket = try await room.companions.connect(
            try identity(call), socket: try call.text("socket"), timeout: .seconds(10), workload: call.workload)
        return HostAnswer([:], descriptors: [socket])
    }

    func delete(_ call: BrokerCall) async throws -> HostAnswer {
        try await room.companions.delete(try identity(call), workload: call.workload)
        return HostAnswer()
    }

    /// Workloads whose running companions hold what the calling one exports.
    func holders(_ call: BrokerCall) async throws -> HostAnswer {
        guard let workload = call.workload else { throw HostingError(.invalid, "the call has to name a workload") }
        let holders = await room.companions.holders(of: workload)
        return HostAnswer(["workloads": .array(holders.map(JSONValue.string))])
    }

    private func identity(_ call: BrokerCall) throws -> CompanionIdentity {
        try CompanionIdentity(plugin: call.plugin, instance: try call.text("instance"))
    }

    /// The same start again, for a restart by the node.
    func relaunch(_ record: CompanionRecord, _ rights: PluginRights?) async throws -> CompanionLaunch {
        guard let rights else {
            throw HostingError(.unavailable, "plugin \(record.plugin) is not there", isRetryable: true)
        }
        let subject = record.workload.flatMap { room.registry.subject($0, of: record.plugin) }
        guard record.workload == nil || subject != nil else {
            throw HostingError(.unavailable, "its workload is not known yet", isRetryable: true)
        }
        return try await launch(
            BrokerCall(
                rights: rights, subject: subject,
                request: [
                    "companion": .string(record.companion), "instance": .string(record.instance), "slots": record.slots,
                ], descriptors: []))
    }

    private func launch(_ call: BrokerCall) async throws -> CompanionLaunch {
        let name = try call.text("companion")
        guard let specification = call.rights.companions.first(where: { $0.id.utf8.elementsEqual(name.utf8) }) else {
            throw HostingError(.denied, "the manifest of plugin \(call.plugin) declares no companion \(name)")
        }
        let identity = try identity(call)
        let slots = call.request["slots"] ?? [:]
        let command = try room.companions.command(specification, identity, slots: slots)
        var launch = CompanionLaunch(
            identity: identity, workload: call.workload, specification: specification, slots: slots, command: command)
        for request in command.descriptors {
            if case .passed = request, specification.restart.when != .never {
                throw HostingError(
                    .invalid, "companion \(name) is restarted by the node, so no slot can be filled by {index}")
            }
            launch.descriptors.append(try await open(request, call))
            if case .export(let workload, _, _) = request { launch.holds.append(workload) }
        }
        if case .slot(let slot) = specification.network {
            guard let namespace = slots[slot]?.stringValue else {
                throw HostingError(.invalid, "slot \(slot) has to name a namespace")
            }
            _ = try room.ledger.require(.namespace, namespace, for: call)
            launch.network = try room.network.place(namespace)
        }
        for mount in specification.mounts {
            guard case .slot(let slot) = mount.source else { continue }
            guard let value = slots[slot] else { throw HostingError(.invalid, "slot \(slot) is missing") }
            launch.mounts[slot] = try await tree(value, slot, call)
            if let workload = value["reference"]?.stringValue { launch.holds.append(workload) }
        }
        return launch
    }

    private func open(_ request: DescriptorRequest, _ call: BrokerCall) async throws -> OwnedDescriptor {
        switch request {
        case .export(let workload, let kind, let access): return try export(workload, kind, access, call)
        case .tap(let name):
            _ = try room.ledger.require(.tap, name, for: call)
            guard let tap = room.tap(name) else {
                throw HostingError(
                    .unavailable, "tap \(name) is held by a companion that runs",
                    hint: "stop it, delete the tap and create it again")
            }
            return tap
        case .socket(let instance, let name):
            return try await room.companions.connect(
                try CompanionIdentity(plugin: call.plugin, instance: instance), socket: name, timeout: .seconds(10),
                workload: call.workload)
        case .passed(let index):
            guard call.descriptors.indices.contains(index) else {
                throw HostingError(.invalid, "no descriptor \(index) came with the call")
            }
            return call.descriptors[index]
        case .text(let text): return try SealedText.file(text)
        }
    }

    private func export(
        _ workload: String, _ kind: String, _ access: ExportAccess.Access, _ call: BrokerCall
    ) throws -> OwnedDescriptor {
        let export = try ExportAccess(room: room).export(workload, kind: kind, for: call)
        if kind == "directory", let record = ExportAccess(room: room).directory(export, of: workload) {
            return try DirectoryBroker(room: room).open(record)
        }
        guard let folder = folders(export.plugin) else {
            throw HostingError(.unavailable, "plugin \(export.plugin) has no folder", isRetryable: true)
        }
        return try ExportAccess.open(export.value, kind: kind, access: access, below: folder)
    }

    /// A detached mount for a slot: an overlay by name, a directory of the plugin's own, or one that a workload exports.
    private func tree(_ value: JSONValue, _ slot: String, _ call: BrokerCall) async throws -> OwnedDescriptor {
        let folder: OwnedDescriptor
        if let name = value.stringValue {
            let record = try room.ledger.require(.overlay, name, for: call)
            folder = try OverlayBroker(room: room).open(record)
        } else if let name = value["directory"]?.stringValue {
            let key = DirectoryBroker.key(name, call.plugin)
            folder = try DirectoryBroker(room: room).open(try room.ledger.require(.directory, key, for: call))
        } else {
            guard let workload = value["reference"]?.stringValue, value["export"] == "directory" else {
                throw HostingError(
                    .invalid, "slot \(slot) has to be an overlay's name, a directory or an exported directory")
            }
            folder = try export(workload, "directory", .read, call)
        }
        return try await OwnThread.run { try CompanionStarter.clone(folder) }
    }

    private static func file(_ bytes: [UInt8]) throws(HostingError) -> OwnedDescriptor {
        let file = OwnedDescriptor(taking: try checked(zos_memfd("input"), "make an input"))
        try SmallFile.write(file.number, bytes, "write an input")
        try checkedErrno(Int32(truncatingIfNeeded: lseek(file.number, 0, SEEK_SET)), "rewind an input")
        return file
    }
}
