import Foundation
import Hosting
import JSON
import Testing
import WorkerFixtures
import WorkerSandbox

/// The plugin writes to the worker's socket itself, past everything that the worker would check.
@Suite("attacks on the link to the node", .serialized, .bystander("link"))
struct HostileLinkTests {
    /// One packet, as often as it says, and what the node says of it.
    struct Frame: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let reason: String
        var packets: [JSONObject]

        init(_ name: String, _ reason: String, _ packets: JSONObject...) { self.init(name, reason, packets) }

        init(_ name: String, _ reason: String, _ packets: [JSONObject]) {
            (testDescription, self.reason, self.packets) = (name, reason, packets)
        }
    }

    /// A packet of that header, with payload.
    static func packet(
        _ kind: UInt8, operation: UInt16 = 0, id: UInt64 = 0, text: String = "", pad: Int = 0, with: UInt8 = 0x78,
        flags: UInt8 = 0, length: UInt32? = nil, magic: UInt32 = 0x3153_4f5a, more: JSONObject = [:]
    ) -> JSONObject {
        var bytes: [UInt8] = []
        func put(_ value: some FixedWidthInteger) {
            for shift in stride(from: 0, to: value.bitWidth, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: value >> shift))
            }
        }
        put(magic)
        put(kind)
        put(flags)
        put(operation)
        put(id)
        put(UInt32(0))
        put(length ?? UInt32(text.utf8.count + pad))
        put(UInt64(0))
        bytes += Array(text.utf8)
        var object: JSONObject = [
            "bytes": .string(bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()),
            "pad": .number(JSONNumber(pad)), "with": .number(JSONNumber(with)),
        ]
        for member in more.members { object[member.key] = member.value }
        return object
    }

    static let call = #"{"service":"node.facts","request":{}}"#

    /// A call of nearly 4 MiB, which is legal.
    static func bigCall(_ id: UInt64) -> [JSONObject] {
        [
            packet(3, id: id, text: #"{"service":"hang","request":{"a":""#, pad: 65000, flags: 1),
            packet(3, id: id, pad: 65536, flags: 1, more: ["repeat": 61]), packet(3, id: id, text: #""}}"#),
        ]
    }

    static let frames: [Frame] = [
        Frame("wrong magic", "magic", packet(5, operation: 2, magic: 0x3153_4f5b)),
        Frame("kind 0", "unknown kind", packet(0)), Frame("kind 255", "unknown kind", packet(255)),
        Frame("a request of the plugin", "wrong direction", packet(1, operation: 1, id: 5)),
        Frame("an answer of the plugin", "wrong direction", packet(4, id: 1)),
        Frame("unknown flags", "flags", packet(5, operation: 2, flags: 0x80)),
        Frame("a length of 4 GiB", "4294967295 bytes", packet(2, id: 1, length: .max)),
        Frame("a length above the payload", "says that it has 77 bytes", packet(5, operation: 2, length: 77)),
        Frame("a length below the payload", "says that it has 0 bytes", packet(5, operation: 2, pad: 9, length: 0)),
        Frame("a packet beyond 64 KiB", "too large", packet(2, id: 1, pad: 65537)),
        Frame("a header cut short", "no header", ["bytes": "5a4f5331"]),
        Frame("one byte", "no header", ["bytes": "00"]),
        Frame("a reply to request 0", "not open", packet(2, id: 0)),
        Frame("a reply to a request that never was", "not open", packet(2, id: 999_999, text: "{}")),
        Frame("a reply to a request to come", "not open", packet(2, id: 3, text: "{}")),
        Frame("a reply to the highest id", "not open", packet(2, id: .max, text: "{}")),
        Frame("a flood of replies", "not open", packet(2, id: 12345, more: ["repeat": 100_000])),
        Frame(
            "a message that never ends", "more than 4194304 bytes",
            packet(2, id: 1, pad: 65536, flags: 1, more: ["repeat": 100])),
        Frame("an empty packet with more to follow", "empty packet", packet(2, id: 1, flags: 1)),
        Frame(
            "another message inside a message", "inside message",
            packet(2, id: 1, pad: 10, flags: 1), packet(5, operation: 2, text: "{}")),
        Frame(
            "another id inside a message", "inside message",
            packet(2, id: 1, pad: 10, flags: 1), packet(2, id: 2, pad: 10)),
        Frame(
            "another operation inside a message", "inside message",
            packet(2, id: 1, pad: 10, flags: 1), packet(2, operation: 1, id: 1, pad: 10)),
        Frame(
            "descriptors in a later packet", "later packet",
            packet(2, id: 1, pad: 10, flags: 1), packet(2, id: 1, pad: 10, more: ["descriptors": 1])),
        Frame(
            "17 descriptors in a packet", "too large", packet(5, operation: 2, text: "{}", more: ["descriptors": 17])),
        Frame(
            "250 descriptors in a packet", "too large", packet(5, operation: 2, text: "{}", more: ["descriptors": 250])),
        Frame("a note of an unknown kind", "unknown kind 9", packet(5, operation: 9, text: "{}")),
        Frame("a note that is no JSON", "no JSON", packet(5, operation: 2, text: "{")),
        Frame(
            "a note of more than 64 KiB", "is the limit",
            packet(5, operation: 2, pad: 65536, flags: 1), packet(5, operation: 2, pad: 10)),
        Frame("a note in bytes that are no UTF-8", "no JSON", packet(5, operation: 2, pad: 100, with: 0xff)),
        Frame("a note nested 60,000 deep", "no JSON", packet(5, operation: 2, pad: 60000, with: 0x5b)),
        Frame(
            "a second ready note", "ready",
            packet(5, operation: 1, text: #"{"id":"x","version":"1","abi":1,"abilities":0}"#)),
        Frame("a forged listener", "second listener", packet(5, operation: 4, text: "{}", more: ["descriptors": 1])),
        Frame("a listener note without a listener", "second listener", packet(5, operation: 4, text: "{}")),
        Frame("a flood of log notes", "log messages", packet(5, operation: 2, text: "{}", more: ["repeat": 100_000])),
        Frame(
            "a flood of calls at once", "calls are open",
            packet(3, id: 1000, text: #"{"service":"hang","request":{}}"#, more: ["repeat": 500, "grow": 1])),
        Frame(
            "a flood of calls one after the other", "calls",
            packet(3, id: 1000, text: call, more: ["repeat": 200_000, "grow": 1])),
        Frame(
            "a call's id used again", "ids must grow",
            packet(3, id: 1000, text: call), packet(3, id: 1000, text: call)),
        Frame(
            "a call's id going back", "ids must grow", packet(3, id: 1000, text: call), packet(3, id: 999, text: call)),
        Frame(
            "calls that hold too many descriptors", "descriptors, which is too much",
            packet(
                3, id: 1000, text: #"{"service":"hang","request":{}}"#,
                more: ["repeat": 9, "grow": 1, "descriptors": 16])),
        Frame(
            "calls that hold too many bytes", "bytes and 0 descriptors, which is too much",
            bigCall(1000) + bigCall(1001) + bigCall(1002)),
        Frame("a call that is no JSON", "malformed call", packet(3, id: 1000, text: "[")),
        Frame("a call that is a list", "malformed call", packet(3, id: 1000, text: "[1]")),
        Frame("a call without a service", "malformed call", packet(3, id: 1000, text: #"{"request":{}}"#)),
        Frame(
            "a call whose service is a number", "malformed call",
            packet(3, id: 1000, text: #"{"service":7,"request":{}}"#)),
        Frame(
            "a call whose workload is a number", "malformed call",
            packet(3, id: 1000, text: #"{"service":"node.facts","workload":7,"request":{}}"#)),
        Frame("a call nested 60,000 deep", "malformed call", packet(3, id: 1000, pad: 60000, with: 0x5b)),
        Frame(
            "a call with a member twice", "malformed call",
            packet(3, id: 1000, text: #"{"service":"node.facts","service":"progress","request":{}}"#)),
    ]

    @Test("ends the worker with its reason", arguments: frames)
    func frame(_ frame: Frame) async throws {
        try await HostilePlugin.run(services: SlowServices()) { plugin in
            // The answer may get through before the end does.
            _ = try? await plugin.send(frame.packets)
            let failure = try await plugin.worker.failure()
            #expect(failure.kind == .protocolViolation && failure.message.contains(frame.reason), "\(failure)")
            #expect(failure.message.contains(plugin.worker.plan.plugin))
        }
    }

    @Test(
        "a reply that cannot be read ends the worker with its reason",
        arguments: [
            ("no JSON", "7b", 0, 0, 0), ("no UTF-8", "22ff22", 0, 0, 0), ("trailing text", "7b7d78", 0, 0, 0),
            ("nested 500,000 deep", "", 500_000, 0x5b, 0), ("a member twice", "7b2261223a312c2261223a327d", 0, 0, 0),
            ("an unknown status", "7b7d", 0, 0, 77), ("a negative status", "7b7d", 0, 0, -1),
            ("a number beyond every bound", "31", 300_000, 0x65, 0),
        ] as [(String, String, Int, Int, Int)])
    func reply(_ what: String, _ bytes: String, _ pad: Int, _ with: Int, _ status: Int) async throws {
        try await HostilePlugin.run { plugin in
            let error = await #expect(throws: HostingError.self) {
                try await plugin.ask(
                    "raw reply",
                    [
                        "reply": .string(bytes), "pad": .number(JSONNumber(pad)), "with": .number(JSONNumber(with)),
                        "status": .number(JSONNumber(status)),
                    ])
            }
            #expect(error?.code == .protocolViolation, "\(what): \(String(describing: error))")
            let failure = try await plugin.worker.failure()
            #expect(failure.kind == .protocolViolation)
        }
    }

    @Test("an answer given twice ends the worker")
    func twice() async throws {
        try await HostilePlugin.run { plugin in
            _ = try await plugin.ask("twice")
            let failure = try await plugin.worker.failure()
            #expect(failure.kind == .protocolViolation && failure.message.contains("not open"))
        }
    }

    @Test("no answer at all ends the worker at the deadline")
    func never() async throws {
        try await HostilePlugin.run { plugin in
            let error = await #expect(throws: HostingError.self) {
                try await plugin.ask("silence", within: .milliseconds(200))
            }
            #expect(error?.code == .deadlineExceeded && error?.isRetryable == true)
            let failure = try await plugin.worker.failure()
            #expect(failure.kind == .deadlineExceeded)
        }
    }

    @Test("half a message and then silence ends the worker at the deadline")
    func half() async throws {
        try await HostilePlugin.run { plugin in
            _ = try? await plugin.send([Self.packet(2, id: 1, pad: 100, flags: 1)], within: .milliseconds(300))
            let kind = try await plugin.worker.failure().kind
            // The answer to this very request is another message inside the half one.
            #expect(kind == .protocolViolation || kind == .deadlineExceeded)
        }
    }

    @Test(
        "a link that is closed, half closed or replaced ends the worker",
        arguments: ["close", "half close 0", "half close 1", "half close 2", "replace"])
    func cut(_ what: String) async throws {
        try await HostilePlugin.run { plugin in
            let side = what.last.flatMap { Int(String($0)) } ?? 0
            let name = what.hasPrefix("half close") ? "half close" : what
            await #expect(throws: HostingError.self) {
                _ = try await plugin.ask(name, ["side": .number(JSONNumber(side))], within: .milliseconds(400))
                // Where the answer still got out, the next request cannot get in.
                _ = try await plugin.ask("silence", within: .milliseconds(400))
            }
            _ = try await plugin.worker.failure()
        }
    }

    @Test("the node's texts to a plugin that does not read are bounded, and the plugin is ended")
    func deaf() async throws {
        try await HostilePlugin.run { plugin in
            let big = JSONValue.string(String(repeating: "x", count: 4_000_000))
            let failures = await withTaskGroup(of: Bool.self) { group in
                group.addTask { (try? await plugin.ask("steal", within: .seconds(30))) == nil }
                for _ in 0..<9 {
                    group.addTask { (try? await plugin.ask("echo", ["text": big], within: .seconds(1))) == nil }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(failures >= 1)
            _ = try await plugin.worker.failure()
        }
    }

    @Test("a plugin's texts reach neither log nor reason with control characters or beyond their size")
    func controlCharacters() async throws {
        try await HostilePlugin.run { plugin in
            let escape = #"{"message":"\u001b[2J\u0007\u202eevil\nsecond line"}"#
            _ = try await plugin.send([Self.packet(5, operation: 2, text: escape)])
            _ = try await plugin.ask("echo")
            let texts = plugin.log.lines.compactMap { $0.metadata["text"] }
            #expect(texts.contains(#"\u{1b}[2J\u{7}\u{202e}evil\nsecond line"#), "\(texts)")
            let failed =
                #"{"code":"failed","message":"\u001b]0;title\u0007"# + String(repeating: "x", count: 30000) + #""}"#
            _ = try? await plugin.send([Self.packet(5, operation: 3, text: failed)])
            _ = try? await plugin.ask("raw reply", ["reply": "7b"])
            let failure = try await plugin.worker.failure()
            #expect(failure.message.utf8.count < 4096 && !failure.message.utf8.contains { $0 < 0x20 })
        }
    }

    @Test("descriptors that nobody asked for are closed")
    func descriptors() async throws {
        try await HostilePlugin.run { plugin in
            let before = try openDescriptors()
            for _ in 0..<20 {
                _ = try await plugin.send([
                    Self.packet(5, operation: 2, text: "{}", more: ["descriptors": 16, "repeat": 20])
                ])
            }
            _ = try await plugin.ask("echo")
            let after = try openDescriptors()
            #expect(after < before + 64, "\(after - before) more descriptors after 6,400 that came with notes")
        }
    }
}

/// Answers after a while, so that calls stay open.
private struct SlowServices: HostServices {
    func serve(_ call: HostCall) async -> HostAnswer {
        if call.service == "hang" {
            // Cut short when the worker ends.
            try? await Task.sleep(for: .seconds(2))
        }
        return HostAnswer()
    }
}

extension HostilePlugin {
    /// Sends packets one right after the other.
    @discardableResult
    fileprivate func send(_ packets: [JSONObject], within: Duration = .seconds(20)) async throws -> JSONValue {
        var all: JSONObject = ["count": .number(JSONNumber(packets.count))]
        for (index, packet) in packets.enumerated() {
            for member in packet.members { all["\(member.key)\(index)"] = member.value }
        }
        return try await ask("packet", all, within: within)
    }
}

/// Descriptors of this process.
private func openDescriptors() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
}
