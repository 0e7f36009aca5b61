import CHost
import Glibc
import Synchronization
import WorkerSandbox

/// Judges what the filters of all workers do not decide themselves. One thread, outside the request path.
///
/// Until a worker is ready its executable mappings are let through, because the plugin and its libraries are being
/// loaded; everything else, and those afterwards, is a violation: it is named and the worker is killed before it runs.
/// With a trace it fails with EPERM instead, and the worker goes on.
public final class NotificationSupervisor: Sendable {
    private enum Phase { case loading, sealed }

    private struct Watched {
        let listener: OwnedDescriptor
        let process: OwnedDescriptor
        let plugin: String
        var phase: Phase
        /// Forbidden calls that were let off because of the trace.
        var letOff = 0
        let onViolation: @Sendable (String) -> Void
    }

    private struct State {
        var nextToken: UInt64 = 1
        var watched: [UInt64: Watched] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())
    private let wakeUp: WakeUp
    private let trace: SandboxTrace?

    /// - Parameter trace: records forbidden calls instead of ending their workers: for development only.
    public init(trace: SandboxTrace? = nil) throws(HostingError) {
        self.trace = trace
        wakeUp = try WakeUp()
        try LongThread.start("zos-supervisor") { [self] in run() }
    }

    /// Begins to judge a worker that is loading.
    ///
    /// - Parameter onViolation: gets the sentence for the log; called before the worker is killed.
    func watch(
        listener: OwnedDescriptor, process: OwnedDescriptor, plugin: String,
        onViolation: @escaping @Sendable (String) -> Void
    ) -> UInt64 {
        let token = state.withLock { state in
            let token = state.nextToken
            state.nextToken += 1
            state.watched[token] = Watched(
                listener: listener, process: process, plugin: plugin, phase: .loading, onViolation: onViolation)
            return token
        }
        wakeUp.ring()
        return token
    }

    /// The plugin has been loaded: no executable mapping from now on.
    func seal(_ token: UInt64) { state.withLock { $0.watched[token]?.phase = .sealed } }

    func forget(_ token: UInt64) {
        state.withLock { $0.watched[token] = nil }
        wakeUp.ring()
    }

    /// Ends the thread. Forbidden calls then fail with ENOSYS.
    public func close() {
        state.withLock { $0.isClosed = true }
        wakeUp.ring()
    }

    private func run() {
        while true {
            // `listeners` is used after the poll as well, which keeps the descriptors open meanwhile.
            let (tokens, listeners, isClosed) = state.withLock { state in
                let tokens = state.watched.keys.sorted()
                return (tokens, tokens.compactMap { state.watched[$0]?.listener }, state.isClosed)
            }
            if isClosed { return state.withLock { $0.watched = [:] } }
            var waits = listeners.map { pollfd(fd: $0.number, events: Int16(POLLIN), revents: 0) }
            waits.append(pollfd(fd: wakeUp.number, events: Int16(POLLIN), revents: 0))
            guard poll(&waits, nfds_t(waits.count), -1) > 0 else { continue }
            if waits[listeners.count].revents != 0 { wakeUp.clear() }
            for (index, token) in tokens.enumerated() where waits[index].revents != 0 {
                if waits[index].revents & Int16(POLLIN) != 0 {
                    judge(token)
                } else {
                    // The last process with this filter has gone.
                    state.withLock { $0.watched[token] = nil }
                }
            }
        }
    }

    private func judge(_ token: UInt64) {
        guard let watched = state.withLock({ $0.watched[token] }) else { return }
        // Its numbers must stay its own until the answer is out, even if the worker is forgotten meanwhile.
        withExtendedLifetime(watched) { judge(watched, token) }
    }

    private func judge(_ watched: Watched, _ token: UInt64) {
        var notification = zos_notification()
        let listener = watched.listener.number
        let received = zos_notify_receive(listener, &notification)
        guard received == 0 else {
            // ENOENT: its caller was interrupted and will ask again, or has ended. Anything else is no listener, and
            // polling it on would never end.
            if ![-ENOENT, -EINTR].contains(received) { state.withLock { $0.watched[token] = nil } }
            return
        }
        guard zos_notify_valid(listener, notification.id) == 1 else { return }
        if Self.mapsLibrary(notification), state.withLock({ $0.watched[token]?.phase == .loading }) {
            zos_notify_continue(listener, notification.id)
            return
        }
        let call = ForbiddenCall(notification)
        if let trace, letOff(token) {
            trace.record(call, of: watched.plugin)
            zos_notify_refuse(listener, notification.id, EPERM)
            return
        }
        watched.onViolation("plugin \(watched.plugin) called \(call), which its sandbox forbids")
        zos_pidfd_signal(watched.process.number, SIGKILL)
        zos_notify_refuse(listener, notification.id, EPERM)
        // One is enough: a worker that hammers must not keep this thread busy until it is gone.
        state.withLock { $0.watched[token] = nil }
    }

    /// Counts a call that only a trace lets off. False when it is one too many.
    private func letOff(_ token: UInt64) -> Bool {
        state.withLock { state in
            state.watched[token]?.letOff += 1
            return state.watched[token].map { $0.letOff <= SandboxTrace.limit } ?? false
        }
    }

    /// Whether it is the loader at work: code mapped from a file, which nobody can write to.
    ///
    /// Both calls are judged by values alone, so letting the kernel go on cannot be raced.
    private static func mapsLibrary(_ notification: zos_notification) -> Bool {
        guard SystemCall.isNative(notification.call, architecture: notification.architecture),
            notification.call == mmap, notification.arguments.2 & UInt64(PROT_EXEC | PROT_WRITE) == UInt64(PROT_EXEC)
        else { return false }
        return notification.arguments.3 & UInt64(MAP_ANONYMOUS) == 0
    }

    private static let mmap = SystemCall.number(of: "mmap")
}
