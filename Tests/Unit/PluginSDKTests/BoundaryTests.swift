import Glibc
import JSON
import PluginABI
import PluginSDK
import Synchronization
import Testing

/// A provisioner that uses what a plugin can use: a service of the node, with a descriptor in its answer.
private struct Prober: Provisioner, Measuring {
    struct Data: Codable, Sendable { var text: String }

    func provision(_ workload: Workload<Data>, in context: Context) async throws -> Outcome<NoResult> {
        let socket = try await context.namespaces.netlink(.route, in: workload.data.text)
        // The node has closed its own copy by now; this one must still be open.
        guard fcntl(socket.number, F_GETFD) >= 0 else { throw PluginError.failed("the descriptor is closed") }
        return .ready(NoResult(), state: try VersionedState(version: 3, keeping: workload.data))
    }

    func deprovision(_ workload: Workload<Data>, in context: Context) async throws {
        throw PluginError.unavailable("not now")
    }

    func capacity(of data: Data) -> Capacity { Capacity(sru: UInt64(data.text.utf8.count)) }
}

/// Receives replies as a worker does.
private final class Replies: Sendable {
    struct Reply: Sendable {
        let status: Int32
        let payload: JSONValue
    }
    let stream: AsyncStream<Reply>
    private let sink: AsyncStream<Reply>.Continuation
    let calls = Mutex<[(service: String, request: JSONValue)]>([])

    init() { (stream, sink) = AsyncStream.makeStream() }

    func receive(_ status: Int32, _ reply: zos_bytes) {
        sink.yield(Reply(status: status, payload: (try? JSONValue(parsing: bytes(reply))) ?? .null))
    }
}

private func bytes(_ bytes: zos_bytes) -> [UInt8] {
    Array(UnsafeBufferPointer(start: bytes.pointer, count: Int(bytes.length)))
}

private func withBytes<Value>(_ text: String, _ body: (zos_bytes) -> Value) -> Value {
    var text = text
    return text.withUTF8 { body(zos_bytes(pointer: $0.baseAddress, length: UInt64($0.count))) }
}

/// Answers every call with one descriptor, which it closes right after, as the header says.
private func answerCall(
    _ context: UnsafeMutableRawPointer?, _ service: zos_bytes, _ request: zos_bytes, _ descriptors: zos_descriptors,
    _ done: @escaping zos_done, _ token: UnsafeMutableRawPointer?
) {
    guard let context else { return }
    let replies = Unmanaged<Replies>.fromOpaque(context).takeUnretainedValue()
    let json = (try? JSONValue(parsing: bytes(request))) ?? .null
    replies.calls.withLock { $0.append((String(decoding: bytes(service), as: UTF8.self), json)) }
    var descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
    withBytes("{}") { reply in
        withUnsafePointer(to: &descriptor) { done(token, 0, reply, zos_descriptors(pointer: $0, count: 1)) }
    }
    close(descriptor)
}

@Suite("The C boundary")
struct BoundaryTests {
    private let replies = Replies()

    private func started() throws -> (plugin: zos_plugin, state: UnsafeMutableRawPointer?) {
        let entry = Plugin.entry(ZOS_PLUGIN_ABI) {
            Plugin(id: "test.prober", version: "1.2.3", Serving("probe", by: Prober()))
        }
        let plugin = try #require(entry).pointee
        var host = zos_host(
            size: UInt32(MemoryLayout<zos_host>.size), abi: ZOS_PLUGIN_ABI,
            context: Unmanaged.passUnretained(replies).toOpaque(), log: { _, _, _ in }, call: answerCall)
        var state: UnsafeMutableRawPointer?
        let status = withBytes("{\"settings\":{}}") { plugin.start(&host, $0, &state) }
        #expect(status == 0)
        return (plugin, state)
    }

    private func ask(_ operation: UInt32, _ request: String) async throws -> Replies.Reply {
        let (plugin, state) = try started()
        withBytes(request) { request in
            plugin.handle(
                state, operation, request, zos_descriptors(pointer: nil, count: 0),
                { token, status, reply, _ in
                    guard let token else { return }
                    Unmanaged<Replies>.fromOpaque(token).takeUnretainedValue().receive(status, reply)
                }, Unmanaged.passUnretained(replies).toOpaque())
        }
        var iterator = replies.stream.makeAsyncIterator()
        let reply = try #require(await iterator.next())
        plugin.stop(state)
        return reply
    }

    private func subject(_ text: String) -> String {
        """
        {"subject":{"id":"7-12-p","twin":7,"contract":12,"name":"p","type":"probe","version":0,\
        "data":{"text":"\(text)"}}}
        """
    }

    @Test("the descriptor names the plugin and exactly the abilities that its provisioner has")
    func abilities() throws {
        let (plugin, state) = try started()
        #expect(String(cString: plugin.id) == "test.prober")
        #expect(String(cString: plugin.version) == "1.2.3")
        #expect(plugin.abilities == 1 << 3 | 1 << 5 | 1 << 9)
        plugin.stop(state)
    }

    @Test("another ABI version gets no descriptor")
    func otherABI() {
        #expect(Plugin.entry(ZOS_PLUGIN_ABI + 1) { Plugin(id: "x", version: "1.0.0") } == nil)
    }

    @Test("an operation that waits for nothing is answered before handle returns")
    func inline() async throws {
        let reply = try await ask(3, #"{"type":"probe","data":{"text":"four"}}"#)
        #expect(reply.status == 0)
        #expect(reply.payload["sru"] == 4)
    }

    @Test("a service of the node is called for the workload, and its descriptor outlives the call")
    func call() async throws {
        let reply = try await ask(5, subject("n-x"))
        #expect(reply.payload["message"] == nil)
        #expect(reply.status == 0)
        #expect(reply.payload["state"] == ["version": 3, "data": ["text": "n-x"]])
        let call = try #require(replies.calls.withLock { $0.first })
        #expect(call.service == "netlink.open")
        #expect(call.request["workload"] == "7-12-p")
        #expect(call.request["request"] == ["namespace": "n-x", "protocol": "route"])
    }

    @Test("an error arrives with its status, code and message")
    func failure() async throws {
        let reply = try await ask(9, subject("n-x"))
        #expect(reply.status == 5)
        #expect(reply.payload == ["code": "unavailable", "message": "not now"])
    }

    @Test("hostile requests are refused, not fatal", arguments: ["", "{", "null", #"{"subject":{"type":1}}"#, "[[["])
    func hostile(_ text: String) async throws {
        let reply = try await ask(5, text)
        #expect(reply.status != 0)
    }

    @Test("an operation that the plugin does not know is unsupported")
    func unknownOperation() async throws {
        let reply = try await ask(99, "{}")
        #expect(reply.status == 3)
    }
}
