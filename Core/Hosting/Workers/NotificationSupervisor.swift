import CHost
import Glibc
import Synchronization
import WorkerSandbox

/// Judges what the filters of all workers do not decide themselves. One thread, outside the request path.
///
/// Until a worker is ready its executable mappings are let through, because the plugin and its libraries are being
/// loaded; everything else, and those afterwards, is a violation: it is named and the worker is killed before it runs.
public final class NotificationSupervisor: Sendable {
    private enum Phase { case loading, sealed }

    private struct Watched {
        let listener: OwnedDescriptor
        let process: OwnedDescriptor
        let plugin: String
        var phase: Phase
        let onViolation: @Sendable (String) -> Void
    }

    private struct State {
        var nextToken: UInt64 = 1
        var watched: [UInt64: Watched] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())
    private let wakeUp: WakeUp

    public init() throws(HostingError) {
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
        // ENOENT: its caller was interrupted and will ask again, or has ended.
        guard zos_notify_receive(listener, &notification) == 0 else { return }
        guard zos_notify_valid(listener, notification.id) == 1 else { return }
        let name = SystemCall.name(of: notification.call, architecture: notification.architecture)
        // These two are judged by values alone, so letting the kernel go on cannot be raced.
        let mapsCode = ["mmap", "mprotect"].contains(name) && notification.arguments.2 & UInt64(PROT_EXEC) != 0
        if mapsCode, state.withLock({ $0.watched[token]?.phase == .loading }) {
            zos_notify_continue(listener, notification.id)
            return
        }
        watched.onViolation(Self.sentence(watched.plugin, name, notification))
        zos_pidfd_signal(watched.process.number, SIGKILL)
        zos_notify_refuse(listener, notification.id, EPERM)
        // One is enough: a worker that hammers must not keep this thread busy until it is gone.
        state.withLock { $0.watched[token] = nil }
    }

    private static func sentence(_ plugin: String, _ call: String, _ notification: zos_notification) -> String {
        let arguments = notification.arguments
        let list = [arguments.0, arguments.1, arguments.2, arguments.3, arguments.4, arguments.5]
        let text = list.map { "0x" + String($0, radix: 16) }.joined(separator: ", ")
        return "plugin \(plugin) called \(call)(\(text)), which its sandbox forbids"
    }
}
