import WorkerSandbox

/// What is open between the core and one worker. Pure: the owner sends what comes out and resumes whom it names.
struct WorkerExchange {
    typealias Instant = ContinuousClock.Instant

    /// Bytes that may wait for a worker that does not read.
    static let backlogLimit = 32 << 20

    /// A message with the descriptors that it carries, on its way packet by packet.
    struct Outgoing {
        let message: Message
        let descriptors: [OwnedDescriptor]
        var nextPacket = 0
    }

    struct Request {
        let operation: PluginOperation
        let deadline: Instant
        let resume: @Sendable (Result<WorkerReply, WorkerFailure>) -> Void
    }

    private var nextID: UInt64 = 1
    private var open: [UInt64: Request] = [:]
    /// Requests beyond the window.
    private var held: [(request: Request, payload: [UInt8], descriptors: [OwnedDescriptor])] = []
    /// What each open call carries, which the node holds until it has answered.
    private var openCalls: [UInt64: (bytes: Int, descriptors: Int)] = [:]
    private var lastCall: UInt64 = 0
    /// What is to be sent, in order.
    private(set) var outbox: [Outgoing] = []
    private var backlog = 0

    var isIdle: Bool { open.isEmpty && held.isEmpty }
    var nextDeadline: Instant? { (open.values.map(\.deadline) + held.map(\.request.deadline)).min() }

    /// Takes a request in; it goes out at once or when the window has room.
    mutating func add(_ request: Request, payload: [UInt8], descriptors: [OwnedDescriptor], now: Instant) {
        guard open.count < Message.window else { return held.append((request, payload, descriptors)) }
        let id = nextID
        nextID += 1
        open[id] = request
        let remaining = max((request.deadline - now).wholeMilliseconds, 1)
        enqueue(
            Message(.request, operation: request.operation.rawValue, id: id, deadline: remaining, payload: payload),
            descriptors)
    }

    /// The request that a reply belongs to.
    mutating func take(reply message: Message, now: Instant) throws(FrameError) -> Request {
        guard let request = open.removeValue(forKey: message.id) else {
            throw FrameError("a reply to request \(message.id), which is not open")
        }
        if !held.isEmpty {
            let next = held.removeFirst()
            add(next.request, payload: next.payload, descriptors: next.descriptors, now: now)
        }
        return request
    }

    /// Notes that a call is open.
    mutating func take(call message: Message, descriptors: Int = 0) throws(FrameError) {
        guard message.id > lastCall else { throw FrameError("the call \(message.id) after \(lastCall): ids must grow") }
        guard openCalls.count < Message.window else {
            throw FrameError("more than \(Message.window) calls are open")
        }
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

    /// The operation whose deadline has passed, if one has.
    func expired(at now: Instant) -> PluginOperation? {
        open.values.first { $0.deadline <= now }?.operation
            ?? held.first { $0.request.deadline <= now }?.request.operation
    }

    /// Everything that is open, for failing it.
    mutating func end() -> [Request] {
        defer { (open, held, outbox, openCalls) = ([:], [], [], [:]) }
        return Array(open.values) + held.map(\.request)
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
