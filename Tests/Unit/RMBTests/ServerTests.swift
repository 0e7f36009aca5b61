import Foundation
import Glibc
import JSON
import Signatures
import TestVectors
import Testing

@testable import RMB

@Suite("RMB server")
struct ServerTests {
    private let ledger = TestLedger()

    @Test("a call over two buses comes back to the caller", arguments: KeyScheme.allCases)
    func call(scheme: KeyScheme) async throws {
        try await TestBus.run(ledger.identity(1, scheme), on: ledger) { client in
            try await TestBus.run(ledger.identity(2, scheme), on: ledger) { node in
                let result = try await client.caller().call("echo.say", at: 2, payload: ["a": 1])
                #expect(result == ["a": 1])
                #expect(node.calls.all == [#"1:{"a":1}"#])
            }
        }
    }

    @Test("a handler's error is the caller's text, over both ways")
    func handlerError() async throws {
        try await TestBus.run(ledger.identity(1), on: ledger) { client in
            try await TestBus.run(ledger.identity(2), on: ledger) { node in
                let proxy = ProxyCaller(identity: client.identity, addresses: ledger, keys: ledger)
                for caller: any RMBCaller in [client.caller(), proxy] {
                    let error = await #expect(throws: RMBError.self) {
                        try await caller.call("echo.fail", at: 2, payload: .null, timeout: .seconds(10))
                    }
                    #expect(error?.code == .remote && error?.message == "it failed")
                }
            }
        }
    }

    @Test("a caller without a bus gets its signed result from the proxy queue")
    func proxy() async throws {
        let user = ledger.identity(1)
        try await TestBus.run(ledger.identity(2), on: ledger) { node in
            let caller = ProxyCaller(identity: user, addresses: ledger, keys: ledger)
            let result = try await caller.call("echo.say", at: 2, payload: ["text": "<é>"])
            #expect(result == ["text": "<é>"])
        }
    }

    @Test("a result that another key signed is not believed")
    func forgedResult() async throws {
        let user = ledger.identity(1)
        try await TestBus.run(ledger.identity(2), on: ledger) { node in
            let other = TestLedger()
            _ = other.identity(2)
            let caller = ProxyCaller(identity: user, addresses: ledger, keys: other)
            let error = await #expect(throws: RMBError.self) { try await caller.call("echo.say", at: 2) }
            #expect(error?.code == .badSignature)
        }
    }

    @Test("an unknown twin, an unreachable ledger and a wrong signature get the bus's texts and statuses")
    func refusals() async throws {
        let sender = ledger.identity(1)
        let stranger = RMBIdentity(twin: 9, key: .generate(scheme: .ed25519))
        try await TestBus.run(ledger.identity(2), on: ledger) { bus in
            var answer = try await bus.post(bus.message(from: stranger))
            #expect(answer.status == 400 && answer.text == refusal("source twin 9 not found"))
            var tampered = bus.message(from: sender)
            tampered.data = ""
            try await bus.expect(tampered, text: refusal("couldn't verify signature"))
            ledger.state.withLock { $0.outage = "chain unreachable" }
            // The key of twin 1 is remembered, that of twin 4 is not.
            try await bus.expect(bus.message(from: sender), status: 200)
            let other = RMBIdentity(twin: 4, key: stranger.key)
            answer = try await bus.post(bus.message(from: other))
            #expect(answer.status == 502)
            #expect(answer.text == refusal("couldn't get twin 4 public key: chain unreachable"))
        }
    }

    @Test("a message for another twin is refused at every door", arguments: Door.allCases)
    func otherTwin(door: Door) async throws {
        let sender = ledger.identity(1)
        try await TestBus.run(ledger.identity(2), on: ledger) { bus in
            let message = bus.message(from: sender) { $0.destinations = [3] }
            try await bus.expect(message, to: door, status: 400)
        }
    }

    @Test("an expired message is refused with its age")
    func expired() async throws {
        let sender = ledger.identity(1)
        let clock: WallClock = { UnixTime(seconds: 1_000_000, nanoseconds: 500_000_000) }
        try await TestBus.run(ledger.identity(2), on: ledger, clock: clock) { bus in
            var message = bus.message(from: sender)
            message.sign(with: sender.key, at: UnixTime(seconds: 999_900))
            let answer = try await bus.post(message)
            #expect(answer.status == 400 && answer.text.contains("message is too old, sent since 1m40.5s, "))
        }
    }

    @Test("the bytes that a real bus sends are understood, unbracketed Host included")
    func realBusBytes() async throws {
        let flow = try #require(
            try VectorFile.load("rmb-direct.json")["flows"]?.arrayValue?.first {
                $0["name"]?.stringValue == "raw_http_request"
            })
        let file = try VectorFile.load("rmb-direct.json")
        let key = try #require(file["flow_keys"]?[0]?["public_key_hex"]?.stringValue)
        ledger.state.withLock { $0.keys[1] = try? PublicKey(bytes: Hex.decode(key)) }
        let request = try #require(flow["request"]?.stringValue)
        let clock: WallClock = { UnixTime(seconds: 1_795_402_401) }
        try await TestBus.run(ledger.identity(3), on: ledger, clock: clock) { bus in
            // zos.test is not served here: the signature was good, or the text would be another.
            let text = try await RawConnection.exchange(with: bus.address, request)
            #expect(text.contains("function is not found"))
        }
    }

    @Test("requests that come in one piece are answered in their order")
    func pipelining() async throws {
        try await TestBus.run(ledger.identity(2), on: ledger) { bus in
            let connection = try RawConnection(to: bus.address)
            let first = "POST /zbus-nope HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
            let second = "POST /zbus-remote HTTP/1.1\r\nContent-Length: 1\r\nConnection: close\r\n\r\n{"
            connection.send(first + second)
            let answers = await connection.receive()
            let parts = answers.components(separatedBy: "HTTP/1.1 ")
            #expect(parts.count == 3 && parts[1].hasPrefix("404") && parts[2].hasPrefix("400"), "\(answers)")
        }
    }

    @Test("the server listens on IPv6 as well")
    func ipv6() async throws {
        let sender = ledger.identity(1)
        try await TestBus.run(ledger.identity(2), on: ledger, configuration: .loopback("::1")) { bus in
            try await bus.expect(bus.message(from: sender), status: 200)
        }
    }

    @Test("the server takes over a socket that listens already")
    func adoptedDescriptor() async throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isListening = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                    && Glibc.listen(descriptor, 16) == 0
            }
        }
        try #require(isListening)
        var configuration = RMBServer.Configuration()
        configuration.listeners = [.descriptor(descriptor)]
        let sender = ledger.identity(1)
        try await TestBus.run(ledger.identity(2), on: ledger, configuration: configuration) { bus in
            try await bus.expect(bus.message(from: sender), status: 200)
        }
    }

    @Test("a client that sends its request too slowly is cut off")
    func slowClient() async throws {
        var configuration = RMBServer.Configuration.loopback()
        configuration.requestTimeout = .milliseconds(200)
        try await TestBus.run(ledger.identity(2), on: ledger, configuration: configuration) { bus in
            let address = bus.address
            let silent = try RawConnection(to: address)
            let slow = try RawConnection(to: address)
            slow.send("POST /zbus-remote HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
            #expect(await slow.receive().isEmpty)
            #expect(await silent.receive().isEmpty)
        }
    }

    @Test("connections beyond the limit of one source are closed")
    func connectionLimit() async throws {
        var configuration = RMBServer.Configuration.loopback()
        configuration.connectionsPerSource = 1
        try await TestBus.run(ledger.identity(2), on: ledger, configuration: configuration) { bus in
            let first = try RawConnection(to: bus.address)
            first.send("POST /zbus-nope HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
            let answer = await first.receive { $0.hasSuffix("found\n") }
            #expect(answer.contains("404"))
            let second = try RawConnection(to: bus.address)
            #expect(await second.receive().isEmpty)
        }
    }

    @Test("a failed send is tried again, then reported with its cause")
    func retries() async throws {
        try await TestBus.run(ledger.identity(1), on: ledger) { client in
            ledger.state.withLock { $0.addresses[5] = PeerAddress(host: "127.0.0.1", port: 1) }
            let error = await #expect(throws: RMBError.self) {
                try await client.caller(retries: 2).call("echo.say", at: 5)
            }
            #expect(error?.message.hasPrefix("all retries done: Post \"http://127.0.0.1:1/zbus-remote\"") == true)
            let unknown = await #expect(throws: RMBError.self) { try await client.caller().call("echo.say", at: 77) }
            #expect(unknown?.message == "all retries done: twin not found: object not found")
            #expect(client.services.backlog.count == 0)
        }
    }

    @Test("a call that nobody answers expires and leaves nothing behind")
    func expiry() async throws {
        try await TestBus.run(ledger.identity(1), on: ledger) { client in
            try await TestBus.run(ledger.identity(2), on: ledger) { node in
                // The node does not find the way back.
                ledger.state.withLock { $0.addresses[1] = nil }
                let error = await #expect(throws: RMBError.self) {
                    try await client.caller().call("echo.say", at: 2, timeout: .milliseconds(100))
                }
                #expect(error?.code == .timedOut)
                #expect(client.services.backlog.count == 0)
            }
        }
    }

    @Test("a refusal of the peer comes with its text")
    func refusedByPeer() async throws {
        try await TestBus.run(ledger.identity(1), on: ledger) { client in
            try await TestBus.run(ledger.identity(2), on: ledger) { node in
                let error = await #expect(throws: RMBError.self) { try await client.caller().call("no.such", at: 2) }
                #expect(
                    error?.message
                        == "all retries done: failed to send remote: 400 Bad Request (function is not found)")
            }
        }
    }

    @Test("random bytes get an HTTP error or silence, and the server goes on")
    func noise() async throws {
        let sender = ledger.identity(1)
        try await TestBus.run(ledger.identity(2), on: ledger) { bus in
            for length in [1, 10, 100, 1000] {
                let connection = try RawConnection(to: bus.address)
                connection.send(String(decoding: Sodium.random(length), as: UTF8.self) + "\r\n\r\n")
                _ = await connection.receive()
            }
            try await bus.expect(bus.message(from: sender), status: 200)
        }
    }
}
