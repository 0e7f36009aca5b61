import Testing
import WebSockets

@Suite("WebSocket address")
struct WebSocketAddressTests {
    @Test(
        "is read in all its forms",
        arguments: [
            ("ws://localhost", "localhost", 80, false, "/"),
            ("wss://tfchain.grid.tf/", "tfchain.grid.tf", 443, true, "/"),
            ("ws://127.0.0.1:9944/a/b?c=d#e", "127.0.0.1", 9944, false, "/a/b?c=d"),
            ("wss://[::1]:8443?x", "::1", 8443, true, "/?x"), ("ws://[fe80::1]", "fe80::1", 80, false, "/"),
        ])
    func reading(text: String, host: String, port: Int, isSecure: Bool, target: String) throws {
        let address = try WebSocketAddress(text)
        #expect(address.host == host && address.port == port)
        #expect(address.isSecure == isSecure && address.target == target)
    }

    @Test(
        "is refused with a reason when it is none",
        arguments: [
            "", "http://a", "ws://", "ws://:80", "ws://a:0", "ws://a:70000", "ws://a:", "ws://[::1", "ws://[::1]x",
            "ws://user@a", "ws://a b", "ws://a\r\nHost: b",
        ])
    func refusing(text: String) throws {
        let error = #expect(throws: WebSocketError.self) { try WebSocketAddress(text) }
        #expect(error?.code == .badAddress)
    }

    @Test("does not show its query, which may hold a token")
    func description() throws {
        #expect(try "\(WebSocketAddress("wss://relay.grid.tf/?jwt"))" == "wss://relay.grid.tf/")
    }
}
