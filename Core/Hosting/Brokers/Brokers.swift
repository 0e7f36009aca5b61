import JSON
import Logging
import Synchronization

/// The services of docs/spec/plugin-protocol.md section 4: the only way by which a plugin touches the node.
///
/// Rights come from the plugin's verified manifest, workloads and references from the registry that only the core
/// writes to. Whatever is made is written down with its owner first.
public final class Brokers: HostServices {
    let room: BrokerRoom
    private let plugins = Mutex<[String: PluginRights]>([:])
    private let trace: SandboxTrace?
    private let refusals = RefusalRate()

    /// - Parameter trace: told what plugins ask for without the entitlement.
    /// - Throws: `operationFailed` if records of earlier objects, timers or the key of secrets cannot be read.
    public init(
        _ configuration: BrokerConfiguration, registry: SubjectRegistry, companions: CompanionRunner,
        log: Logger = Logger(label: "brokers"), trace: SandboxTrace? = nil
    ) throws(HostingError) {
        let room = try BrokerRoom(configuration, registry: registry, companions: companions, log: log)
        self.room = room
        self.trace = trace
        ListenerBroker.resumeAll(room)
        companions.restartBy { [weak self] record in
            guard let self else { throw HostingError(.unavailable, "the node ends", isRetryable: true) }
            return try await self.companionBroker.relaunch(record, self.plugins.withLock { $0[record.plugin] })
        }
        registry.observeRemovals { [weak room] workload in
            guard let room else { return }
            do { try Brokers.forget(in: room) { $0 == workload } } catch {
                // The next start sweeps it.
                log.warning("not forgotten", metadata: ["workload": "\(workload)", "error": "\(error)"])
            }
        }
    }

    /// Says who knows all workloads and is told what they report. Call before plugins start.
    public func attach(_ events: any WorkloadEvents) { room.attach(events) }

    /// Brings back what a reboot has taken of things that outlive it. Call before plugins start.
    public func recover() async { await DirectoryBroker(room: room).recover() }

    /// What is kept for a workload goes with it.
    private static func forget(in room: BrokerRoom, _ isGone: (String) -> Bool) throws(HostingError) {
        try room.timers.cancel { $0.workload.map(isGone) ?? false }
        try room.secrets?.removeAll { $0.workload.map(isGone) ?? false }
        for record in room.ledger.all() where record.kind == .listener && record.workload.map(isGone) ?? false {
            room.listeners.drop(record.key)
            try room.ledger.remove(record)
        }
        for space in room.reservations.spaceNames() {
            try room.reservations.release(in: space) { !$0.isScope && isGone($0.owner) }
        }
    }

    /// Lets a plugin call. A second time replaces its rights, as for a new version.
    public func register(_ rights: PluginRights) { plugins.withLock { $0[rights.plugin] = rights } }

    /// Who holds what in a space of reservations: ids of workloads by value.
    public func holders(in space: String) -> [String: String] {
        let entries = room.reservations.entries(in: space).filter { !$0.isScope }
        return Dictionary(entries.map { ($0.value, $0.owner) }, uniquingKeysWith: { first, _ in first })
    }

    public func unregister(_ plugin: String) { plugins.withLock { $0[plugin] = nil } }

    /// Serves one version of a plugin, which need not be the registered one, with the rights of its own manifest.
    public func services(for rights: PluginRights) -> any HostServices {
        VersionServices(brokers: self, rights: rights)
    }

    public func serve(_ call: HostCall) async -> HostAnswer {
        await serve(call, with: plugins.withLock { $0[call.plugin] })
    }

    func serve(_ call: HostCall, with rights: PluginRights?) async -> HostAnswer {
        do {
            return try await dispatch(call.service, try check(call, rights))
        } catch let error as HostingError {
            report(call, error)
            if error.code == .denied, let name = EntitlementCatalog.granting(service: call.service),
                rights?.entitlements[name] == nil
            {
                trace?.record(service: call.service, of: call.plugin)
            }
            return HostAnswer(Self.status(error), code: error.code.rawValue, message: error.description)
        } catch {
            room.log.error(
                "call failed",
                metadata: ["plugin": "\(call.plugin)", "service": "\(call.service)", "error": "\(error)"])
            return HostAnswer(.failed, code: HostingError.Code.operationFailed.rawValue, message: "\(error)")
        }
    }

    private func report(_ call: HostCall, _ error: HostingError) {
        let (isLogged, isLast) = refusals.admit(call.plugin)
        guard isLogged else { return }
        // The plugin chose the service's name and may be quoted in the error.
        room.log.info(
            "call refused",
            metadata: [
                "plugin": "\(call.plugin)", "service": "\(PlainText.line(call.service, atMost: 64))",
                "error": "\(PlainText.line("\(error)"))",
            ])
        if isLast { room.log.warning("further refusals are not logged", metadata: ["plugin": "\(call.plugin)"]) }
    }

    private func check(_ call: HostCall, _ rights: PluginRights?) throws(HostingError) -> BrokerCall {
        guard let rights else {
            throw HostingError(.denied, "plugin \(call.plugin) is not registered")
        }
        var subject: Subject?
        if let workload = call.workload {
            subject = room.registry.subject(workload, of: call.plugin)
            guard subject != nil else {
                throw HostingError(.denied, "\(workload) is no workload of plugin \(call.plugin)")
            }
        }
        return BrokerCall(rights: rights, subject: subject, request: call.request, descriptors: call.descriptors)
    }

    private static func status(_ error: HostingError) -> PluginStatus {
        switch error.code {
        case .invalid, .unknownType: .invalid
        case .unsupported: .unsupported
        case .denied: .denied
        case .unavailable: .unavailable
        default: error.isRetryable ? .unavailable : .failed
        }
    }

    private var companionBroker: CompanionBroker {
        CompanionBroker(room: room) { plugin in self.plugins.withLock { $0[plugin]?.folder } }
    }

    private func dispatch(_ service: String, _ call: BrokerCall) async throws -> HostAnswer {
        let room = room
        let companions = companionBroker
        switch service {
        case "progress": return try await report(call)
        case "namespace.create": return try await NamespaceBroker(room: room).create(call)
        case "namespace.delete": return try await NamespaceBroker(room: room).delete(call)
        case "namespace.list": return try NamespaceBroker(room: room).list(call)
        case "netlink.open": return try await NamespaceBroker(room: room).openNetlink(call)
        case "sysctl.set": return try await NamespaceBroker(room: room).setKernelValue(call)
        case "segment.create": return try await SegmentBroker(room: room).create(call)
        case "segment.delete": return try await SegmentBroker(room: room).delete(call)
        case "segment.attach": return try await SegmentBroker(room: room).attach(call)
        case "segment.detach": return try await SegmentBroker(room: room).detach(call)
        case "exit.attach": return try await SegmentBroker(room: room).attachExit(call)
        case "link.create": return try await LinkBroker(room: room).create(call)
        case "link.tun": return try await LinkBroker(room: room).openTun(call)
        case "link.move": return try await LinkBroker(room: room).move(call)
        case "link.delete": return try await LinkBroker(room: room).delete(call)
        case "tap.create": return try await TapBroker(room: room).create(call)
        case "tap.delete": return try await TapBroker(room: room).delete(call)
        case "reserve": return try await ReservationBroker(room: room).reserve(call)
        case "release": return try await ReservationBroker(room: room).release(call)
        case "reserved": return try ReservationBroker(room: room).list(call)
        case "companion.start": return try await companions.start(call)
        case "companion.stop": return try await companions.stop(call)
        case "companion.status": return try await companions.status(call)
        case "companion.connect": return try await companions.connect(call)
        case "companion.run": return try await companions.run(call)
        case "companion.delete": return try await companions.delete(call)
        case "listener.open": return try await ListenerBroker(room: room).open(call)
        case "listener.close": return try await ListenerBroker(room: room).close(call)
        case "export.holders": return try await companions.holders(call)
        case "root.open": return try await RootBroker(room: room).open(call)
        case "overlay.create": return try await OverlayBroker(room: room).create(call)
        case "overlay.delete": return try await OverlayBroker(room: room).delete(call)
        case "directory.create": return try await DirectoryBroker(room: room).create(call)
        case "directory.resize": return try await DirectoryBroker(room: room).resize(call)
        case "directory.usage": return try await DirectoryBroker(room: room).usage(call)
        case "directory.delete": return try await DirectoryBroker(room: room).delete(call)
        case "socket.open": return try await SocketBroker(room: room).open(call)
        case "secret.put": return try await SecretBroker(room: room).put(call)
        case "secret.get": return try await SecretBroker(room: room).get(call)
        case "secret.delete": return try await SecretBroker(room: room).delete(call)
        case "secret.list": return try SecretBroker(room: room).list(call)
        case "timer.set": return try await TimerBroker(room: room).set(call)
        case "timer.cancel": return try await TimerBroker(room: room).cancel(call)
        case "timer.list": return try TimerBroker(room: room).list(call)
        case "workload.lookup": return try await LookupBroker(room: room).find(call)
        case "workload.list": return try await LookupBroker(room: room).list(call)
        case "node.facts": return FactsBroker(room: room).facts()
        default: throw HostingError(.unsupported, "this node has no service \(service)")
        }
    }

    private func report(_ call: BrokerCall) async throws(HostingError) -> HostAnswer {
        let message = try call.text("message")
        guard let workload = call.workload, message.utf8.count <= 500 else {
            throw HostingError(.invalid, "progress is of a workload and has at most 500 bytes")
        }
        await room.events?.progress(workload, message: PlainText.line(message))
        return HostAnswer()
    }

    /// Removes everything that belongs to no known workload: companions, kernel objects, reservations.
    ///
    /// Plugins' own things, without a workload, stay. One that cannot be removed is logged and tried again next time.
    /// - Parameter known: the workloads that the node has stored, whatever their state.
    /// - Returns: what was removed, by kind and name.
    @discardableResult
    public func sweep(known: Set<String>) async -> [String] {
        var removed: [String] = []
        func attempt(_ what: String, _ body: () async throws -> Bool) async {
            do {
                if try await body() { removed.append(what) }
            } catch { room.log.warning("not swept", metadata: ["object": "\(what)", "error": "\(error)"]) }
        }
        for status in (try? await room.companions.instances()) ?? [] {
            guard let workload = status.workload, !known.contains(workload),
                let identity = try? CompanionIdentity(plugin: status.plugin, instance: status.instance)
            else { continue }
            await attempt("companion/\(identity.key)") {
                try await room.companions.delete(identity, workload: nil)
                return true
            }
        }
        for kind in ObjectRecord.Kind.allCases {
            for record in room.ledger.all() where record.kind == kind {
                guard let workload = record.workload, !known.contains(workload) else { continue }
                await attempt(record.key) {
                    try await remove(record)
                    return true
                }
            }
        }
        await attempt("secrets") { try room.secrets?.removeAll { !($0.workload.map(known.contains) ?? true) } ?? false }
        await attempt("timers") { try room.timers.cancel { !($0.workload.map(known.contains) ?? true) } }
        for space in room.reservations.spaceNames() {
            await attempt("reservations/\(space)") {
                try room.reservations.release(in: space) { !$0.isScope && !known.contains($0.owner) }
            }
        }
        return removed
    }

    /// Removes everything that was ever made for plugins, their own things included: for de-installing the node.
    public func removeAll() async {
        await sweep(known: [])
        for kind in ObjectRecord.Kind.allCases {
            for record in room.ledger.all() where record.kind == kind {
                do { try await remove(record) } catch {
                    room.log.warning("not removed", metadata: ["object": "\(record.key)", "error": "\(error)"])
                }
            }
        }
    }

    private func remove(_ record: ObjectRecord) async throws {
        // Removing one thing takes its dependents along.
        guard room.ledger.record(record.kind, record.name) != nil else { return }
        switch record.kind {
        case .listener: try await ListenerBroker(room: room).remove(record)
        case .tap: try await TapBroker(room: room).remove(record)
        case .attachment, .exit, .segment: try await SegmentBroker(room: room).remove(record)
        case .link: try await LinkBroker(room: room).remove(record)
        case .overlay: try await OverlayBroker(room: room).remove(record)
        case .directory: try await DirectoryBroker(room: room).remove(record)
        case .namespace: try await NamespaceBroker(room: room).remove(record)
        }
    }
}
