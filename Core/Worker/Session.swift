import CHost
import Glibc
import JSON
import PluginABI
import Synchronization
import WorkerSandbox

/// The one connection of this process. The C functions that a plugin calls have no other way to it.
let session = Session(socket: LaunchPlan.Descriptor.socket)

/// The worker's side of the socket: what is open in both directions.
final class Session: Sendable {
    /// Bytes of one log message.
    static let logLimit = 8192
    /// Calls that wait for a place in the window; more are refused.
    private static let heldLimit = 1024

    /// Who waits for the answer to a call.
    struct Caller: @unchecked Sendable {
        // SAFETY: @unchecked for the token: opaque here, and `done` may be called from any thread (zos_plugin.h).
        let done: zos_done
        let token: UnsafeMutableRawPointer?

        func finish(_ status: Int32, _ payload: [UInt8], _ descriptors: [Int32] = []) {
            payload.withUnsafeBufferPointer { payload in
                descriptors.withUnsafeBufferPointer { descriptors in
                    done(
                        token, status, zos_bytes(pointer: payload.baseAddress, length: UInt64(payload.count)),
                        zos_descriptors(pointer: descriptors.baseAddress, count: UInt32(descriptors.count)))
                }
            }
        }

        func refuse(_ status: Int32, _ code: String, _ message: String) {
            let payload: JSONValue = ["code": .string(code), "message": .string(message)]
            finish(status, Array(payload.text.utf8))
        }
    }

    private struct Held {
        let message: Message
        let descriptors: [Int32]
        let caller: Caller
    }

    private struct Calls {
        var nextID: UInt64 = 1
        var open: [UInt64: (caller: Caller, bytes: Int, descriptors: Int)] = [:]
        var held: [Held] = []
        var window = Message.window
    }

    private let socket: Int32
    private let calls = Mutex(Calls())
    /// Held while a message is sent: the packets of one follow each other.
    private let sending = Mutex(())

    init(socket: Int32) { self.socket = socket }

    /// Calls beyond `limit` wait.
    func limitCalls(to limit: Int) { calls.withLock { $0.window = max(1, min(limit, Message.window)) } }

    private func send(_ message: Message, descriptors: [Int32] = []) {
        // A failure means that the core has gone: the main loop sees the end.
        _ = sending.withLock { _ in message.send(on: socket, descriptors: descriptors) }
    }

    func note(_ operation: NoteOperation, _ content: JSONValue, status: Int32 = 0, descriptors: [Int32] = []) {
        let payload = Array(content.text.utf8)
        send(
            Message(.note, operation: operation.rawValue, status: status, payload: payload), descriptors: descriptors)
    }

    /// The token of a request that now is open.
    func open(_ id: UInt64) -> UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: UInt(id)) }

    /// Sends the reply. One that is given twice goes out twice: the core ends the worker and says why.
    func reply(id: UInt64, status: Int32, payload: [UInt8], descriptors: [Int32]) {
        guard payload.count <= Message.limit, descriptors.count <= Int(ZOS_PACKET_DESCRIPTORS) else {
            let content: JSONValue = [
                "code": "too-large",
                "message": .string(
                    "the plugin's reply has \(payload.count) bytes and \(descriptors.count) descriptors"),
            ]
            return send(Message(.reply, id: id, status: ZOS_STATUS_FAILED.status, payload: Array(content.text.utf8)))
        }
        send(Message(.reply, id: id, status: status, payload: payload), descriptors: descriptors)
    }

    /// Sends a call, or holds it back until the window has room.
    func call(service: [UInt8], request: [UInt8], descriptors: [Int32], then caller: Caller) {
        let name = JSONValue.string(String(decoding: service, as: UTF8.self)).text
        let rest = request.drop { $0 != UInt8(ascii: "{") }.dropFirst()
        let isEmpty = rest.first { $0 > 0x20 } == UInt8(ascii: "}")
        let payload = Array("{\"service\":\(name)\(isEmpty ? "" : ",")".utf8) + rest
        guard !rest.isEmpty, payload.count <= Message.limit, descriptors.count <= Int(ZOS_PACKET_DESCRIPTORS) else {
            return caller.refuse(
                ZOS_STATUS_INVALID.status, "bad-call", "a call takes an object of at most 4 MiB and 16 descriptors")
        }
        // The plugin closes its own: what is held back needs copies.
        let copies = descriptors.map { zos_duplicate($0, 3) }
        defer { if copies.contains(where: { $0 < 0 }) { copies.filter { $0 >= 0 }.forEach { close($0) } } }
        guard copies.allSatisfy({ $0 >= 0 }) else {
            return caller.refuse(ZOS_STATUS_FAILED.status, "descriptors", "the call's descriptors cannot be copied")
        }
        let isHeld = calls.withLock { calls in
            guard calls.held.count < Self.heldLimit else { return false }
            calls.held.append(Held(message: Message(.call, payload: payload), descriptors: copies, caller: caller))
            return true
        }
        guard isHeld else {
            copies.forEach { close($0) }
            return caller.refuse(ZOS_STATUS_UNAVAILABLE.status, "busy", "too many calls are waiting")
        }
        sendHeld()
    }

    private func sendHeld() {
        while sending.withLock({ _ in sendNext() }) {}
    }

    /// Only while `sending` is held: ids reach the core in the order in which they are given, whichever threads call.
    private func sendNext() -> Bool {
        guard let (message, descriptors) = nextHeld() else { return false }
        // A failure means that the core has gone: the main loop sees the end.
        _ = message.send(on: socket, descriptors: descriptors)
        descriptors.forEach { close($0) }
        return true
    }

    private func nextHeld() -> (Message, [Int32])? {
        calls.withLock { calls in
            guard calls.open.count < calls.window, let next = calls.held.first else { return nil }
            let bytes = calls.open.values.reduce(next.message.payload.count) { $0 + $1.bytes }
            let passed = calls.open.values.reduce(next.descriptors.count) { $0 + $1.descriptors }
            guard bytes <= Message.openCallBytes, passed <= Message.openCallDescriptors else { return nil }
            let held = calls.held.removeFirst()
            var message = held.message
            message.id = calls.nextID
            calls.nextID += 1
            calls.open[message.id] = (held.caller, message.payload.count, held.descriptors.count)
            return (message, held.descriptors)
        }
    }

    /// Takes the answer to a call and the descriptors that came with it.
    func receive(answer message: Message, descriptors: [Int32]) {
        let caller = calls.withLock { $0.open.removeValue(forKey: message.id)?.caller }
        caller?.finish(message.status, message.payload, descriptors)
        descriptors.forEach { close($0) }
        sendHeld()
    }
}

extension Int {
    /// A ZOS_STATUS_* constant as it is sent.
    fileprivate var status: Int32 { Int32(truncatingIfNeeded: self) }
}
