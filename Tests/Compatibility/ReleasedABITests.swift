import Foundation
import Hosting
import JSON
import Testing
import WorkerFixtures

/// Promises of docs/abi.md, with plugins that were compiled with the headers of each release.
@Suite struct ReleasedABITests {
    private static let folder = TestObject.repository + "/PluginSDK/ABI"

    /// A folder with `zos_plugin.h` and the version that it has to say.
    struct Header: Sendable, CustomTestStringConvertible {
        let folder: String
        let version: UInt32
        var testDescription: String { "ABI \(version)" }
    }

    /// Every released header, and the current one.
    static let headers: [Header] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/released")) ?? []
        let released = names.compactMap(UInt32.init).sorted()
        return released.map { Header(folder: "\(folder)/released/\($0)", version: $0) } + [
            Header(folder: folder + "/include", version: (released.last ?? 0) + 1)
        ]
    }()

    private static func plan(_ headers: String, abi: UInt32? = nil) throws -> WorkerPlan {
        let source = TestObject.repository + "/Tests/Compatibility/plugin.c"
        let options = ["-shared", "-fPIC", "-O1", "-Wall", "-Werror"] + (abi.map { ["-DANSWERED_ABI=\($0)"] } ?? [])
        return WorkerPlan(
            plugin: "test.compatible", version: "2.1.0",
            object: try TestObject.compile([source], options, headers: headers), policy: SandboxPolicy(),
            identity: .user(WorkerBench.user()))
    }

    @Test("a plugin that was compiled with a released header is loaded and works", arguments: headers)
    func released(_ header: Header) async throws {
        try await WorkerBench.withWorker(try Self.plan(header.folder), services: Facts()) { worker in
            let ready = try #require(worker.status.ready)
            #expect(ready.abi == header.version)
            #expect(ready.has(.health) && !ready.has(.update))
            let (outcome, _) = try await worker.request(.provision, payload: ["subject": [:], "paused": false])
            #expect(outcome["result"]?["thread"]?.boolValue == true)
            let (facts, _) = try await worker.request(.health, payload: [:])
            #expect(facts["cpus"]?.intValue == 3)
            let (echo, _) = try await worker.request(.command, payload: ["word": "again"])
            #expect(echo["word"]?.stringValue == "again")
            let refusal = await #expect(throws: HostingError.self) {
                _ = try await worker.request(.validate, payload: ["subject": [:]])
            }
            #expect(refusal?.code == .invalid && refusal?.message == "not this")
        }
    }

    @Test(
        "an operation that is newer than the plugin's header is answered as unsupported",
        arguments: [PluginOperation.recover, .migrate])
    func newer(_ operation: PluginOperation) async throws {
        try await WorkerBench.withWorker(try Self.plan(Self.folder + "/released/1")) { worker in
            let refusal = await #expect(throws: HostingError.self) {
                _ = try await worker.request(operation, payload: ["subject": [:]])
            }
            #expect(refusal?.code == .unsupported)
        }
    }

    @Test("a plugin of a later or an ancient ABI is refused with both numbers and the way out", arguments: [0, 3])
    func foreign(_ abi: UInt32) async throws {
        let worker = PluginWorker(
            try Self.plan(Self.folder + "/include", abi: abi), launcher: WorkerBench.launcher, services: Facts(),
            log: WorkerBench.log)
        let refusal = await #expect(throws: HostingError.self) { try await worker.start() }
        await worker.stop(grace: .zero)
        #expect(refusal?.code == .incompatibleABI)
        #expect(
            refusal?.message == "plugin test.compatible 2.1.0 speaks ABI \(abi), this node speaks 1–2; "
                + "install a build of the plugin for one of these or a node that speaks the plugin's")
    }

    @Test("released headers are never changed")
    func frozen() throws {
        // One line per release; docs/abi.md says how one is made.
        let digests = [1: "d30f0a200ba58c0bfc99ac8f01955c58d261a2607ec011995e9f75898455a700"]
        for header in Self.headers.dropLast() {
            let text = try Programs.digest(header.folder + "/zos_plugin.h")
            #expect(text == digests[Int(header.version)], "ABI \(header.version) is not the header that was released")
        }
        #expect(Self.headers.dropLast().map { Int($0.version) } == digests.keys.sorted())
    }

    @Test("the node speaks the current ABI and the one before it")
    func spoken() { #expect(WorkerLauncher.spokenABI == [2, 1]) }
}

private enum Programs {
    /// SHA-256, in hex.
    static func digest(_ path: String) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
        process.arguments = [path]
        process.standardOutput = output
        try process.run()
        process.waitUntilExit()
        return String(String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).prefix(64))
    }
}

/// A node that has three processors.
private struct Facts: HostServices {
    func serve(_ call: HostCall) async -> HostAnswer { HostAnswer(["cpus": 3]) }
}
