import CHost
import Glibc
import JSON
import Logging
import Synchronization
import WorkerSandbox

/// The core's end of one worker: its socket, its output and its process, served by a thread of their own.
///
/// Everything from the socket is hostile: the first wrong byte ends the worker.
final class WorkerLink: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How long an ended conversation may still have a process.
    private static let leaveTime = Duration.seconds(2)
    /// Packets that are read before deadlines are looked at again.
    private static let burst = 64

    private struct State {
        var exchange: WorkerExchange
        var readyBy: Instant?
        /// When the process must be gone, once it was told to go.
        var goneBy: Instant?
        var isStopping = false
        /// The first reason for the end is the right one; what follows from it looks like others.
        var failure: WorkerFailure?
        var watch: UInt64?
        var ready = Promise<Result<WorkerReady, WorkerFailure>>()
        var end = Promise<WorkerFailure>()
    }

    let plugin: String
    /// Calls of the plugin that wait to be served.
    let calls: AsyncStream<PendingCall>
    private let newCall: AsyncStream<PendingCall>.Continuation
    private let worker: LaunchedWorker
    private let supervisor: NotificationSupervisor
    private let chatter: WorkerChatter
    private let wakeUp: WakeUp
    private let state: Mutex<State>

    struct PendingCall: Sendable {
        let id: UInt64
        let payload: [UInt8]
        let descriptors: [OwnedDescriptor]
    }

    init(
        _ worker: LaunchedWorker, plugin: String, limits: WorkerLimits, supervisor: NotificationSupervisor, log: Logger
    ) throws(HostingError) {
        self.worker = worker
        self.plugin = plugin
        self.supervisor = supervisor
        chatter = WorkerChatter(log: log)
        wakeUp = try WakeUp()
        state = Mutex(State(exchange: WorkerExchange(window: limits.calls), readyBy: .now + limits.start))
        (calls, newCall) = AsyncStream.makeStream()
        try LongThread.start("zos-link") { [self] in serve() }
    }

    // MARK: what the core does

    /// What the plugin said when it was ready.
    func ready() async throws(WorkerFailure) -> WorkerReady {
        try await withCheckedContinuation { continuation in
            state.withLock { $0.ready.wait { continuation.resume(returning: $0) } }
        }.get()
    }

    /// Why and that it ended; its process and its control group are gone by then.
    func ended() async -> WorkerFailure {
        await withCheckedContinuation { continuation in
            state.withLock { $0.end.wait { continuation.resume(returning: $0) } }
        }
    }

    func request(
        _ operation: PluginOperation, payload: [UInt8], descriptors: [OwnedDescriptor], subject: String?,
        within: Duration
    ) async throws(WorkerFailure) -> WorkerReply {
        try await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<WorkerReply, WorkerFailure>, Never>) in
            let now = Instant.now
            let request = WorkerExchange.Request(operation: operation, deadline: now + within, subject: subject) {
                continuation.resume(returning: $0)
            }
            let refusal: WorkerFailure? = state.withLock { state in
                if let failure = state.end.value ?? state.failure { return failure }
                if state.isStopping { return WorkerFailure(.stopped, "plugin \(plugin) is being stopped") }
                state.exchange.add(request, payload: payload, descriptors: descriptors, now: now)
                flush(&state)
                return nil
            }
            if let refusal { return request.resume(.failure(refusal)) }
            // The thread may be asleep beyond the new deadline, or the socket may be full.
            wakeUp.ring()
        }.get()
    }

    func answer(_ id: UInt64, _ answer: HostAnswer) {
        var payload = Array(answer.payload.text.utf8)
        var status = answer.status
        if payload.count > Message.limit || answer.descriptors.count > Int(ZOS_PACKET_DESCRIPTORS) {
            status = .failed
            let text: JSONValue = ["code": "too-large", "message": "the node's answer is too large"]
            payload = Array(text.text.utf8)
        }
        state.withLock { state in
            state.exchange.answer(
                id, status: status.rawValue, payload: payload,
                descriptors: status == answer.status ? answer.descriptors : [])
            flush(&state)
        }
        wakeUp.ring()
    }

    /// Lets open requests finish for at most `grace`, then stops the plugin in order. New ones are refused.
    func stop(grace: Duration) {
        state.withLock { state in
            state.isStopping = true
            state.goneBy = .now + grace + Self.leaveTime
        }
        wakeUp.ring()
    }

    /// Ends it now. Later reasons do not replace the first one.
    func end(_ failure: WorkerFailure) {
        state.withLock { $0.failure = $0.failure ?? failure }
        zos_pidfd_signal(worker.process.number, SIGKILL)
    }

    // MARK: the thread

    private func serve() {
        var receiver = PacketReceiver(socket: worker.socket.number, accepting: [.reply, .call, .note])
        var isOpen = true
        var toldToLeave = false
        while true {
            let (wantsToSend, timeout) = state.withLock { (!$0.exchange.outbox.isEmpty, nextTimeout($0)) }
            let events = Int16(POLLIN) | (wantsToSend ? Int16(POLLOUT) : 0)
            var waits = [
                pollfd(fd: isOpen ? worker.socket.number : -1, events: events, revents: 0),
                pollfd(fd: chatter.isOpen ? worker.output.number : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: worker.process.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wakeUp.number, events: Int16(POLLIN), revents: 0),
            ]
            _ = poll(&waits, nfds_t(waits.count), timeout)
            if waits[3].revents != 0 { wakeUp.clear() }
            if waits[1].revents != 0 { chatter.read(worker.output.number) }
            let hasEnded = waits[2].revents != 0
            if waits[0].revents != 0 || (hasEnded && isOpen) { isOpen = receive(&receiver, all: hasEnded) }
            if hasEnded { return finish() }
            state.withLock { flush(&$0) }
            lookAtTime()
            if !toldToLeave, state.withLock({ $0.isStopping && $0.exchange.isIdle && $0.exchange.outbox.isEmpty }) {
                toldToLeave = true
                shutdown(worker.socket.number, Int32(SHUT_WR))
            }
        }
    }

    private func nextTimeout(_ state: State) -> Int32 {
        let moments = [state.exchange.nextDeadline, state.readyBy, state.goneBy].compactMap { $0 }
        guard let next = moments.min() else { return -1 }
        return Int32(clamping: (next - .now).wholeMilliseconds.addingReportingOverflow(1).partialValue)
    }

    /// Sends what goes without waiting. The lock is held: packets of a message follow each other.
    private func flush(_ state: inout State) {
        state.exchange.flush { message, packet, descriptors in
            // A broken socket is reported by the process's end; what is left then fails with it.
            message.send(
                packet: packet, on: worker.socket.number, descriptors: descriptors, flags: Int32(MSG_DONTWAIT))
                != -Int(EAGAIN)
        }
    }

    private func lookAtTime() {
        let now = Instant.now
        expire(now)
        let failure: WorkerFailure? = state.withLock { state in
            guard state.failure == nil else { return nil }
            if state.exchange.isOverfull {
                return WorkerFailure(.protocolViolation, "plugin \(plugin) does not read what the node sends")
            }
            if let how = state.exchange.stuck(at: now) {
                return WorkerFailure(.deadlineExceeded, "plugin \(plugin) \(how)")
            }
            if let readyBy = state.readyBy, readyBy <= now {
                return WorkerFailure(.notStarted, "plugin \(plugin) was not ready in time")
            }
            if let goneBy = state.goneBy, goneBy <= now {
                return WorkerFailure(.stopped, "plugin \(plugin) did not stop in time and was killed")
            }
            return nil
        }
        if let failure { end(failure) }
    }

    /// Fails requests whose time is over; the worker goes on.
    private func expire(_ now: Instant) {
        let expired = state.withLock { state in
            let expired = state.exchange.expire(at: now)
            if !expired.late.isEmpty { flush(&state) }
            return expired
        }
        for request in expired.late {
            let text = "plugin \(plugin) did not answer \(request.operation) in time"
            chatter.log.warning("plugin late", metadata: ["operation": "\(request.operation)"])
            request.resume(.failure(WorkerFailure(.deadlineExceeded, text)))
        }
        for request in expired.unsent {
            let text = "plugin \(plugin) is busy: \(request.operation) waited in vain for its turn"
            request.resume(.failure(WorkerFailure(.deadlineExceeded, text)))
        }
    }

    /// - Returns: whether the worker's side is still open.
    private func receive(_ receiver: inout PacketReceiver, all: Bool) -> Bool {
        var packets = 0
        do {
            while all || packets < Self.burst {
                packets += 1
                switch try receiver.receive(flags: Int32(MSG_DONTWAIT)) {
                case .message(let message, let numbers):
                    try take(message, numbers.map { OwnedDescriptor(taking: $0) })
                case .partial: continue
                case .nothing: return true
                case .end:
                    // It is leaving, or a plugin has closed the socket: then it has to be helped.
                    state.withLock { $0.goneBy = $0.goneBy ?? .now + Self.leaveTime }
                    return false
                }
            }
            return true
        } catch {
            end(WorkerFailure(.protocolViolation, "plugin \(plugin) broke the protocol: \(error)"))
            return false
        }
    }

    private func take(_ message: Message, _ descriptors: [OwnedDescriptor]) throws(FrameError) {
        switch message.kind {
        case .reply:
            let now = Instant.now
            let request = try state.withLock { (state) throws(FrameError) in
                let request = try state.exchange.take(reply: message, now: now)
                flush(&state)
                return request
            }
            request?.resume(
                .success(WorkerReply(status: message.status, payload: message.payload, descriptors: descriptors)))
        case .call:
            try chatter.takeCall()
            try state.withLock { (state) throws(FrameError) in
                try state.exchange.take(call: message, descriptors: descriptors.count)
            }
            newCall.yield(PendingCall(id: message.id, payload: message.payload, descriptors: descriptors))
        default: try take(note: message, descriptors)
        }
    }

    private func take(note message: Message, _ descriptors: [OwnedDescriptor]) throws(FrameError) {
        guard let operation = NoteOperation(rawValue: message.operation) else {
            throw FrameError("a note of the unknown kind \(message.operation)")
        }
        guard message.payload.count <= Message.noteLimit else {
            throw FrameError("a note of \(message.payload.count) bytes, \(Message.noteLimit) is the limit")
        }
        let content: JSONValue
        do { content = try JSONValue(parsing: message.payload) } catch { throw FrameError("a note that is no JSON") }
        switch operation {
        case .log: try chatter.take(level: message.status, content["message"]?.stringValue ?? "")
        case .sandboxed:
            guard let listener = descriptors.first, state.withLock({ $0.watch == nil && $0.readyBy != nil }) else {
                throw FrameError("a second listener")
            }
            let token = supervisor.watch(listener: listener, process: worker.process, plugin: plugin) { [self] in
                end(WorkerFailure(.sandboxViolation, $0))
            }
            state.withLock { $0.watch = token }
        case .ready:
            guard let ready = WorkerReady(content), state.withLock({ $0.readyBy != nil }) else {
                throw FrameError("a second or malformed ready note")
            }
            guard ready.id.utf8.elementsEqual(plugin.utf8) else {
                throw FrameError("a ready note of \(PlainText.line(ready.id))")
            }
            state.withLock { $0.watch }.map(supervisor.seal)
            state.withLock { state in
                state.readyBy = nil
                state.ready.fulfil(.success(ready))
            }
        case .failed:
            let text = PlainText.line(content["message"]?.stringValue ?? "no reason given")
            let kind: WorkerFailure.Kind = content["code"]?.stringValue == "incompatible" ? .incompatible : .notStarted
            // Also when it was running already: whoever says so has nothing to serve with.
            end(WorkerFailure(kind, text))
        }
    }

    /// The process has ended: reap it, clear up, tell everybody who waits.
    private func finish() {
        var ended = zos_ended()
        zos_pidfd_wait(worker.process.number, 1, &ended)
        chatter.read(worker.output.number)
        let outOfMemory = (worker.group?.outOfMemoryKills ?? 0) > 0
        var failure = state.withLock { state in
            state.failure
                ?? .end(ended, plugin: plugin, wasAsked: state.isStopping, outOfMemory: outOfMemory)
        }
        if [.crashed, .exited, .notStarted].contains(failure.kind), let last = chatter.tail {
            failure = WorkerFailure(failure.kind, "\(failure.message); its last output: \(last)")
        }
        state.withLock { $0.watch }.map(supervisor.forget)
        do throws(HostingError) {
            try worker.group?.kill()
            try worker.group?.remove()
        } catch {
            chatter.log.warning("a worker's control group stays behind", metadata: ["reason": "\(error)"])
        }
        newCall.finish()
        let requests = state.withLock { state in
            // With the reason in place nothing can be added to what is ended here.
            state.failure = failure
            let requests = state.exchange.end()
            state.ready.fulfil(.failure(failure))
            return requests
        }
        for request in requests { request.resume(.failure(failure)) }
        state.withLock { $0.end.fulfil(failure) }
    }
}
