import Foundation
import Testing

@testable import Node

@Suite("MetricsServer", .serialized)
struct MetricsServerTests {
    private func serving(
        at address: MetricsAddress, _ body: @Sendable @escaping (MetricsServer) async throws -> Void
    ) async throws {
        let server = try await MetricsServer(at: address) { "node_a 1\n" }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await server.run() }
            try await body(server)
            group.cancelAll()
        }
    }

    private func curl(_ arguments: String...) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["curl", "--silent", "--include", "--max-time", "10"] + arguments
        process.standardOutput = pipe
        try process.run()
        let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("figures come over a socket that only root may open, and nothing else does")
    func socket() async throws {
        let path = NSTemporaryDirectory() + "zos-metrics-\(getpid()).sock"
        defer { unlink(path) }
        // A file that an earlier node left is no obstacle.
        try Data().write(to: URL(fileURLWithPath: path))
        try await serving(at: .socket(path: path)) { _ in
            var facts = stat()
            #expect(stat(path, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
            let answer = try curl("--unix-socket", path, "http://node/metrics")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\nnode_a 1\n"), "\(answer)")
            #expect(answer.contains("text/plain; version=0.0.4"))
            #expect(try curl("--unix-socket", path, "http://node/").contains("404"))
            #expect(try curl("--unix-socket", path, "-X", "POST", "http://node/metrics").contains("404"))
        }
    }

    @Test("and over a port of the loopback device")
    func port() async throws {
        try await serving(at: .loopback(host: "127.0.0.1", port: 0)) { server in
            let port = try #require(server.port)
            #expect(try curl("http://127.0.0.1:\(port)/metrics").hasSuffix("node_a 1\n"))
        }
    }

    @Test(
        "places beyond this machine are refused",
        arguments: ["0.0.0.0:9100", "10.0.0.1:9100", "[::]:9100", "9100", "unix:relative", "127.0.0.1:70000", ""])
    func refused(_ text: String) {
        #expect(throws: NodeError.self) { try MetricsAddress(parsing: text) }
    }

    @Test("the configuration names the place")
    func configured() throws {
        #expect(try NodeConfiguration(toml: "metrics = \"unix:/a/b.sock\"").metrics == .socket(path: "/a/b.sock"))
        #expect(
            try NodeConfiguration(toml: "metrics = \"[::1]:9100\"").metrics == .loopback(host: "::1", port: 9100))
        #expect(try NodeConfiguration(toml: "").metrics == nil)
    }
}
