import Foundation
import Glibc
import Hosting
import JSON
import Logging
import Testing

@testable import Node

@Suite("The operator's control socket", .serialized)
struct ControlSocketTests {
    private let path = "/tmp/zn-control-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).sock"
    private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Serves `echo`, `refuse` and `wait` while `body` runs.
    private func serving(_ body: @Sendable (ControlClient) async throws -> Void) async throws {
        let commands = ControlCommands()
        commands.register("echo") { $0 }
        commands.register("refuse") { _ in throw HostingError(.downgrade, "too old", hint: "ask for it") }
        commands.register("wait") { arguments in
            try await Task.sleep(for: .milliseconds(arguments["milliseconds"]?.intValue ?? 0))
            return "waited"
        }
        let server = try ControlServer(path: path, commands: commands, log: log)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await server.run() }
            try await body(ControlClient(path: path))
            group.cancelAll()
        }
        #expect(access(path, F_OK) != 0, "the socket is left behind")
    }

    /// Sends bytes as they are; everything that comes back until the other side closes.
    private func raw(_ bytes: [UInt8]) throws -> String {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        let address = try #require(UnixAddress(path))
        try #require(address.use { connect(descriptor, $0, $1) } == 0)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        shutdown(descriptor, Int32(SHUT_WR))
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(descriptor, &chunk, chunk.count, 0), count > 0 { answer += chunk[..<count] }
        return String(decoding: answer, as: UTF8.self)
    }

    @Test("commands are answered, refusals carry code, message and hint")
    func answers() async throws {
        try await serving { client in
            let echo = try await client.ask("echo", ["a": [1, "x"]])
            #expect(echo == ["a": [1, "x"]])
            let refusal = await #expect(throws: ControlError.self) { _ = try await client.ask("refuse") }
            #expect(refusal?.code == "downgrade" && refusal?.message == "too old" && refusal?.hint == "ask for it")
            let unknown = await #expect(throws: ControlError.self) { _ = try await client.ask("nothing") }
            #expect(unknown?.code == "unknown_command" && unknown?.hint?.contains("echo, refuse, wait") == true)
        }
    }

    @Test("a long command keeps nobody else from being answered")
    func sideBySide() async throws {
        try await serving { client in
            async let long = client.ask("wait", ["milliseconds": 300])
            for number in 0..<20 {
                let echo = try await client.ask("echo", ["n": .number(JSONNumber(number))])
                #expect(echo["n"]?.intValue == number)
            }
            let waited = try await long
            #expect(waited == "waited")
        }
    }

    @Test("what is no request is refused with a reason; the socket goes on serving")
    func nonsense() async throws {
        try await serving { client in
            for text in [
                "{\n", "[]\n", "{\"command\":1}\n", "{\"command\":\"echo\",\"arguments\":[]}\n",
                "{\"command\":\"echo\"}",
            ] {
                let answer = try raw(Array(text.utf8))
                #expect(answer.contains("bad_request"), "\(text)")
            }
            let long = try raw([UInt8](repeating: 0x20, count: LineSocket.maxLine + 100_000))
            #expect(long.contains("at most"))
            let echo = try await client.ask("echo")
            #expect(echo == [:])
        }
    }

    @Test("the socket is the owner's alone, and another user who gets at it all the same is not answered")
    func strangers() async throws {
        try await serving { client in
            var facts = stat()
            #expect(stat(path, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
            guard geteuid() == 0 else { return }
            chmod(path, 0o666)
            // The node may have hung up before the line is written.
            let script =
                "$SIG{PIPE} = 'IGNORE'; use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die; "
                + "print $s \"{\\\"command\\\":\\\"echo\\\"}\\n\"; $s->flush; print \"connected:\", scalar(<$s>) // '';"
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
            process.arguments = ["--reuid=65534", "--clear-groups", "/usr/bin/perl", "-e", script, path]
            process.standardOutput = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(text == "connected:")
            let echo = try await client.ask("echo")
            #expect(echo == [:])
        }
    }
}
