import CHost
import Glibc
import JSON
import Unpacking

/// One run of zos-unpack. Every call blocks, on a thread that lives until the process has ended: its end would take the
/// process with it.
final class UnpackProcess {
    /// Namespaces of every run; in a user namespace of its own the last three are made inside it.
    private enum Namespace {
        static let mounts: UInt64 = 0x0002_0000
        static let hostNames: UInt64 = 0x0400_0000
        static let ipc: UInt64 = 0x0800_0000
        static let processes: UInt64 = 0x2000_0000
        static let network: UInt64 = 0x4000_0000
    }

    private let process: OwnedDescriptor
    /// This side of the conversation.
    let socket: OwnedDescriptor
    private let output: OwnedDescriptor
    private let role: UnpackPlan.Role
    private var hasEnded = false

    private static let packetLimit = 64 << 10

    /// - Parameters:
    ///   - descriptors: those from `UnpackPlan.Descriptor.source` on.
    ///   - userNamespace: for the unpacker, whose files have owners.
    init(
        _ plan: UnpackPlan, program: String, descriptors: [OwnedDescriptor] = [], userNamespace: OwnedDescriptor? = nil
    ) throws(HostingError) {
        role = plan.role
        var pair: [Int32] = [-1, -1]
        try checked(zos_packet_pair(&pair), "make a socket pair")
        socket = OwnedDescriptor(taking: pair[0])
        let theirs = OwnedDescriptor(taking: pair[1])
        let nothing = OwnedDescriptor(taking: try checkedErrno(open("/dev/null", O_RDWR | O_CLOEXEC), "open /dev/null"))
        output = OwnedDescriptor(taking: try checked(zos_memfd_append("unpack"), "make a memory file"))
        let handed = [nothing, output, output, theirs, try Self.sealed(plan)] + descriptors
        process = try Self.spawn(program, handed, userNamespace)
    }

    deinit { end() }

    /// Kills it unless it has ended. Its socket is at its end then.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        var ended = zos_ended()
        zos_pidfd_signal(process.number, SIGKILL)
        zos_pidfd_wait(process.number, 1, &ended)
    }

    /// The next message; nil when the process has closed the socket.
    /// - Throws: `unavailable` after the deadline.
    func receive<Message: Decodable>(
        _ type: Message.Type, until deadline: ContinuousClock.Instant
    ) throws(HostingError) -> Message? {
        var waits = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
        let left = ContinuousClock.now.duration(to: deadline).components.seconds
        let count = left > 0 ? poll(&waits, 1, Int32(clamping: left * 1000)) : 0
        if count < 0 && errno == EINTR { return try receive(type, until: deadline) }
        guard count > 0 else {
            throw HostingError(.unavailable, "getting a root took too long", isRetryable: true)
        }
        var buffer = [UInt8](repeating: 0, count: Self.packetLimit)
        var descriptors = [Int32](repeating: -1, count: Int(ZOS_PACKET_DESCRIPTORS))
        var received: UInt32 = 0
        let length = zos_packet_receive(socket.number, &buffer, buffer.count, &descriptors, &received, 0)
        for descriptor in descriptors.prefix(Int(received)) { close(descriptor) }
        guard length > 0 else { return nil }
        do {
            return try JSONValue(parsing: Array(buffer[..<length])).decode(type)
        } catch { throw HostingError(.operationFailed, "the unpacker says what nobody understands: \(error)") }
    }

    func send(_ message: some Encodable, _ descriptor: OwnedDescriptor) throws(HostingError) {
        let bytes: [UInt8]
        do { bytes = Array(try JSONValue(encoding: message).text.utf8) } catch {
            throw HostingError(.operationFailed, "a request cannot be written: \(error)")
        }
        let sent = zos_packet_send(socket.number, bytes, bytes.count, nil, 0, [descriptor.number], 1, 0)
        guard sent == bytes.count else { throw death() }
    }

    /// Why there is no further message: how the process ended, and its last words.
    func death() -> HostingError {
        var ended = zos_ended()
        zos_pidfd_signal(process.number, SIGKILL)
        if !hasEnded { zos_pidfd_wait(process.number, 1, &ended) }
        hasEnded = true
        var text = [UInt8](repeating: 0, count: 300)
        let count = pread(output.number, &text, text.count, 0)
        let words = PlainText.line(String(decoding: text.prefix(max(0, count)), as: UTF8.self))
        let how = ended.signal != 0 ? "signal \(ended.signal)" : "status \(ended.code)"
        return HostingError(
            .unavailable,
            "the \(role == .fetch ? "fetcher" : "unpacker") ended with \(how)\(words.isEmpty ? "" : ": \(words)")",
            isRetryable: true)
    }

    private static func sealed(_ plan: UnpackPlan) throws(HostingError) -> OwnedDescriptor {
        let text: String
        do { text = try JSONValue(encoding: plan).text } catch {
            throw HostingError(.operationFailed, "the plan of an unpacker cannot be written: \(error)")
        }
        let file = OwnedDescriptor(taking: try checked(zos_memfd("plan"), "make a memory file"))
        try SmallFile.write(file.number, Array(text.utf8), "fill a memory file")
        try checked(zos_seal(file.number), "seal a memory file")
        return file
    }

    private static func spawn(
        _ program: String, _ handed: [OwnedDescriptor], _ userNamespace: OwnedDescriptor?
    ) throws(HostingError) -> OwnedDescriptor {
        var environment = ["SWIFT_BACKTRACE=enable=no", "MALLOC_ARENA_MAX=1", "LANG=C.UTF-8"]
        if let folder = SwiftRuntime.folder() { environment.append("LD_LIBRARY_PATH=\(folder)") }
        var launch = zos_launch()
        var launched = zos_launched()
        let inner = Namespace.ipc | Namespace.hostNames
        launch.namespaces = Namespace.processes | Namespace.mounts
        if let userNamespace {
            launch.user_namespace = userNamespace.number
            launch.inner_namespaces = inner | Namespace.network
        } else {
            // The fetcher: in the namespace that the node reaches the world from.
            launch.user_namespace = -1
            launch.namespaces |= inner
        }
        launch.proc = Int32(ZOS_PROC_PRIVATE)
        let result = withCStrings([program], environment) { path, arguments, environment in
            handed.map(\.number).withUnsafeBufferPointer { descriptors in
                // SAFETY: every list outlives the call, which keeps none of them.
                launch.path = path
                launch.arguments = arguments
                launch.environment = environment
                launch.descriptors = descriptors.baseAddress
                launch.descriptor_count = UInt32(descriptors.count)
                return zos_launch_start(&launch, &launched)
            }
        }
        guard result == 0 else {
            throw HostingError(
                .startFailed,
                "zos-unpack stopped at \(WorkerLaunch.stepName(launched.step)): \(systemText(launched.error))",
                hint: "`zos doctor` says what this host lacks", isRetryable: true)
        }
        return OwnedDescriptor(taking: launched.pidfd)
    }
}
