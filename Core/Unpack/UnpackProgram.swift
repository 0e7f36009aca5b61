import CHost
import Glibc
import Images
import JSON
import Unpacking
import WorkerSandbox

/// The life of the process, from its plan to its last report.
enum UnpackProgram {
    private enum ExitCode {
        static let done: Int32 = 0
        static let failed: Int32 = 1
        static let notStarted: Int32 = 71
    }

    /// - Returns: the exit code.
    static func run() -> Int32 {
        // A file that grows beyond the limit is an error of its writer, not the end of everything.
        signal(SIGXFSZ, SIG_IGN)
        let socket = PacketSocket(UnpackPlan.Descriptor.socket)
        var role = UnpackPlan.Role.unpack
        do {
            let plan = try readPlan()
            role = plan.role
            if plan.role == .fetch { FetchService.prepare() }
            do throws(SandboxError) {
                try enclosure(plan).enter()
            } catch { throw ImageError(.unavailable, "the unpacker cannot be restricted: \(error)") }
            switch plan.role {
            case .fetch:
                let rule = AddressRule(allowsPrivate: plan.allowsPrivateAddresses)
                try FetchService(socket, rule: rule).run()
            case .unpack: try socket.send(UnpackReport.done(try unpack(plan, socket)))
            }
            return ExitCode.done
        } catch {
            let failure = error as? ImageError ?? ImageError(.unavailable, "the unpacker cannot start: \(error)")
            // Nobody is left to hear it if this fails too.
            switch role {
            case .fetch: try? socket.send(FetchReply(id: 0, outcome: .failed(failure)))
            case .unpack: try? socket.send(UnpackReport.failed(failure))
            }
            return ExitCode.failed
        }
    }

    private static func unpack(_ plan: UnpackPlan, _ socket: PacketSocket) throws(ImageError) -> UnpackTally {
        guard let form = plan.form else { throw ImageError(.invalid, "the plan names no form") }
        typealias Descriptor = UnpackPlan.Descriptor
        var unpacker = Unpacker(
            source: FileHandle(taking: Descriptor.source), target: FileHandle(taking: Descriptor.target),
            scratch: FileHandle(taking: Descriptor.scratch), limits: plan.limits)
        unpacker.blocks = FileHandle(taking: Descriptor.blocks)
        unpacker.fetcher = PacketSocket(Descriptor.fetcher)
        unpacker.stores = plan.stores.enumerated().map { index, path in
            (path, FileHandle(taking: Descriptor.firstStore + Int32(index)))
        }
        // A word that does not arrive changes nothing.
        unpacker.report = { try? socket.send(UnpackReport.progress($0)) }
        return try unpacker.unpack(form)
    }

    private static func readPlan() throws -> UnpackPlan {
        let file = FileHandle(taking: UnpackPlan.Descriptor.plan)
        return try JSONValue(parsing: try file.readAll(atMost: 1 << 20, name: "the plan")).decode(UnpackPlan.self)
    }

    // MARK: What it may

    private static let libraries = ["/lib", "/lib64", "/usr/lib"]
    private static let network = [
        "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/services",
        "/etc/ssl", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
    ]

    private static func enclosure(_ plan: UnpackPlan) -> Enclosure {
        var enclosure = Enclosure(user: plan.user)
        enclosure.isWithoutLandlock = plan.isWithoutLandlock
        enclosure.limits = [
            ResourceLimit(.core, 0), ResourceLimit(.lockedMemory, 0), ResourceLimit(.processes, 64),
            ResourceLimit(.descriptors, 1024), ResourceLimit(.addressSpace, plan.memory + (1 << 30)),
            ResourceLimit(.fileSize, plan.limits.bytes), ResourceLimit(.processorTime, plan.processorSeconds),
        ]
        switch plan.role {
        case .fetch:
            enclosure.readable = libraries + network
            enclosure.connects = true
            enclosure.calls = fetching
        case .unpack:
            typealias Descriptor = UnpackPlan.Descriptor
            enclosure.readable = libraries
            enclosure.folders =
                [Descriptor.target, Descriptor.scratch, Descriptor.blocks].map { .init(descriptor: $0) }
                + plan.stores.indices.map { .init(descriptor: Descriptor.firstStore + Int32($0), isReadOnly: true) }
            if plan.form == .ociLayout {
                enclosure.folders.append(.init(descriptor: Descriptor.source, isReadOnly: true))
            }
            // CHOWN, DAC_OVERRIDE, FOWNER, FSETID: in a user namespace of its own, over the files in these folders.
            enclosure.capabilities = [0, 1, 3, 4]
            enclosure.calls = writing
        }
        return enclosure
    }

    private static let writing: [CallRule] =
        [
            "openat2", "symlinkat", "linkat", "fchown", "fchownat", "fchmod", "fchmodat", "utimensat", "memfd_create",
        ].map { CallRule($0) } + [
            // Pipes only.
            CallRule("mknodat", .argument(2, bits: 0o170000, are: 0o010000))
        ]

    private static let fetching: [CallRule] =
        [
            "connect", "getsockname", "getpeername", "getsockopt", "setsockopt", "socketpair", "sendmmsg", "recvmmsg",
        ].map { CallRule($0) }
        + [UInt32(AF_INET), UInt32(AF_INET6)].map { CallRule("socket", .number(0, is: $0)) }
}
