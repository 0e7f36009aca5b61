import WorkerSandbox

/// What is open between the core and one worker. Pure: the owner sends what comes out and resumes whom it names.
struct WorkerExchange {
    typealias Instant = ContinuousClock.Instant

    /// Bytes that may wait for a worker that does not read.
    static let backlogLimit = 32 << 20
    /// How long a plugin that has missed a deadline has to answer a ping.
    static let pingTime = Duration.seconds(5)
    /// The least time that a request may be late.
    static let leastLateness = Duration.seconds(5)

    /// A message with the descriptors that it carries, on its way packet by packet.
    struct Outgoing {
        let message: Message
        let descriptors: [OwnedDescriptor]
        var nextPacket = 0
    }

    struct Request {
        let operation: PluginOperation
        let deadline: Instant
        /// The workload that it changes: the next change of that one waits for this one's end.
        let subject: String?
        let resume: @Sendable (Result<WorkerReply, WorkerFailure>) -> Void

        init(
            operation: PluginOperation, deadline: Instant, subject: String? = nil,
            resume: @escaping @Sendable (Result<WorkerReply, WorkerFailure>) -> Void
        ) {
            self.operation = operation
            self.deadline = deadline
            self.subject = subject
            self.resume = resume
        }
    }

    /// A request beyond the window.
    struct Held {
        let request: Request
        let payload: [UInt8]
        let descriptors: [OwnedDescriptor]
    }

    /// A request that the worker has.
    struct Open {
        let request: Request
        /// When its answer has to be there at the very latest; nil as long as somebody waits for it.
        var lateUntil: Instant?
        let sent: Instant

        var isPing: Bool { request.operation == .ping }
        var nextMoment: Instant { lateUntil ?? request.deadline }
    }

    /// Requests that the worker may have at a time, and calls that it may have open.
    let window: Int
    private var nextID: UInt64 = 1
    var open: [UInt64: Open] = [:]
    var held: [Held] = []
    /// Whether what went out last was work on a workload: the other kind has the next turn.
    var lastWasWork = false
    /// What each open call carries, which the node holds until it has answered.
    private var openCalls: [UInt64: (bytes: Int, descriptors: Int)] = [:]
    private var lastCall: UInt64 = 0
    /// What is to be sent, in order.
    private(set) var outbox: [Outgoing] = []
    private var backlog = 0

    init(window: Int = Message.window) { self.window = max(1, min(window, Message.window)) }

    var isIdle: Bool { open.isEmpty && held.isEmpty }
    var nextDeadline: Instant? { (open.values.map(\.nextMoment) + held.map(\.request.deadline)).min() }

    /// Takes a request in; it goes out at once or when the window has room.
    mutating func add(_ request: Request, payload: [UInt8], descriptors: [OwnedDescriptor], now: Instant) {
        let new = Held(request: request, payload: payload, descriptors: descriptors)
        // The usual case: nobody waits, and there is room for a question.
        if held.isEmpty, open.count < window, request.subject == nil {
            lastWasWork = false
            return send(new, now: now)
        }
        held.append(new)
        sendHeld(now)
    }

    /// Sends a request whatever the window says.
    mutating func send(_ held: Held, now: Instant) {
        let request = held.request
        let id = nextID
        nextID += 1
        open[id] = Open(request: request, sent: now)
        let remaining = max((request.deadline - now).wholeMilliseconds, 1)
        enqueue(
            Message(
                .request, operation: request.operation.rawValue, id: id, deadline: remaining, payload: held.payload),
            held.descriptors)
    }

    /// The request that a reply belongs to; nil if nobody waits for it any more.
    mutating func take(reply message: Message, now: Instant) throws(FrameError) -> Request? {
        guard let answered = open.removeValue(forKey: message.id) else {
            throw FrameError("a reply to request \(message.id), which is not open")
        }
        sendHeld(now)
        return answered.lateUntil == nil && !answered.isPing ? answered.request : nil
    }

    /// Notes that a call is open.
    mutating func take(call message: Message, descriptors: Int = 0) throws(FrameError) {
        guard message.id > lastCall else { throw FrameError("the call \(message.id) after \(lastCall): ids must grow") }
        guard openCalls.count < window else { throw FrameError("more than \(window) calls are open") }
        let bytes = openCalls.values.reduce(message.payload.count) { $0 + $1.bytes }
        let held = openCalls.values.reduce(descriptors) { $0 + $1.descriptors }
        guard bytes <= Message.openCallBytes, held <= Message.openCallDescriptors else {
            throw FrameError("the open calls carry \(bytes) bytes and \(held) descriptors, which is too much")
        }
        lastCall = message.id
        openCalls[message.id] = (message.payload.count, descriptors)
    }

    /// Answers a call; nothing happens if it is not open.
    mutating func answer(_ id: UInt64, status: Int32, payload: [UInt8], descriptors: [OwnedDescriptor]) {
        guard openCalls.removeValue(forKey: id) != nil else { return }
        enqueue(Message(.answer, id: id, status: status, payload: payload), descriptors)
    }

    private mutating func enqueue(_ message: Message, _ descriptors: [OwnedDescriptor]) {
        outbox.append(Outgoing(message: message, descriptors: descriptors))
        backlog += message.payload.count
    }

    var isOverfull: Bool { backlog > Self.backlogLimit }

    /// Sends what the socket takes.
    ///
    /// - Parameter send: sends one packet; false if there is no room now.
    mutating func flush(_ send: (Message, Int, [Int32]) -> Bool) {
        while var first = outbox.first {
            while first.nextPacket < first.message.packetCount {
                guard send(first.message, first.nextPacket, first.descriptors.map(\.number)) else {
                    outbox[0] = first
                    return
                }
                first.nextPacket += 1
            }
            backlog -= first.message.payload.count
            outbox.removeFirst()
        }
    }

    /// Everything that somebody waits for, for failing it.
    mutating func end() -> [Request] {
        defer { (open, held, outbox, openCalls) = ([:], [], [], [:]) }
        return open.values.filter { $0.lateUntil == nil && !$0.isPing }.map(\.request) + held.map(\.request)
    }
}

/// A plugin's reply, not yet read.
struct WorkerReply: Sendable {
    let status: Int32
    let payload: [UInt8]
    let descriptors: [OwnedDescriptor]
}

extension Duration {
    /// Whole milliseconds, not below zero and not beyond what fits.
    var wholeMilliseconds: UInt64 {
        let parts = components
        guard parts.seconds >= 0, parts.attoseconds >= 0 else { return 0 }
        let (thousands, overflows) = UInt64(parts.seconds).multipliedReportingOverflow(by: 1000)
        return overflows ? .max : thousands + UInt64(parts.attoseconds / 1_000_000_000_000_000)
    }
}
