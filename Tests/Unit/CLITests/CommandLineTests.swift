import ArgumentParser
import Client
import Contracts
import JSON
import Testing

@testable import CLI

@Suite("Command line")
struct CommandLineTests {
    @Test(
        "every command explains itself without a node",
        arguments: [
            "up", "down", "deploy", "plan", "update", "cancel", "get", "list", "changes", "types", "explain", "node",
            "twin", "contract", "plugin", "doctor", "dev",
        ])
    func help(command: String) async throws {
        var parsed = try Zos.parseAsRoot([command, "--help"])
        let error = #expect(throws: (any Error).self) { try parsed.run() }
        let text = error.map { Zos.fullMessage(for: $0) } ?? ""
        #expect(text.contains("USAGE: zos \(command)"), "\(text)")
        if let error { #expect(Zos.exitCode(for: error) == .success) }
    }

    @Test("wrong arguments are told apart from failures")
    func usage() {
        let error = #expect(throws: (any Error).self) { _ = try Zos.parseAsRoot(["deploy"]) }
        if let error { #expect(Zos.exitCode(for: error).rawValue == 64) }
    }

    @Test("exit codes say what kind of failure it was")
    func exitCodes() {
        let failures: [(any Error, Int32)] = [
            (ClientError(.refused, ""), 2), (ClientError(.ledger, ""), 2),
            (ClientError(.refused, "deployment not found"), 3), (ClientError(.unavailable, ""), 4),
            (LedgerUnavailable(.unreachable, ""), 4), (ClientError(.failed, ""), 5), (ClientError(.timedOut, ""), 6),
            (ClientError(.badAnswer, ""), 1),
        ]
        for (error, code) in failures { #expect(CommandError(error).kind.exitCode == code, "\(error)") }
        #expect(Set(CommandError.Kind.allCases.map(\.exitCode)).count == CommandError.Kind.allCases.count)
    }

    @Test("the state folder is the option, the environment, or .zos")
    func stateFolder() {
        #expect(StateLocation(option: "/a/b/../c", environment: ["ZOS_STATE": "/x"]).path == "/a/c")
        #expect(StateLocation(option: nil, environment: ["ZOS_STATE": "/x"]).path == "/x")
        #expect(StateLocation(option: nil, environment: [:]).path.hasSuffix("/.zos"))
        let error = #expect(throws: CommandError.self) {
            try StateLocation(option: "/nonexistent", environment: [:]).node()
        }
        #expect(error?.kind == .unavailable)
    }
}
