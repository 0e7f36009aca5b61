import CHost
import Foundation
import Hosting
import Logging
import Signatures
import Testing

@testable import Overlay

@Suite("Overlay")
struct OverlayTests {
    @Test("two overlays in namespaces of their own reach each other at the addresses of their keys; an end is mended")
    func connected() async throws {
        try await OverlayBench.with { bench in
            var settings = OverlaySettings()
            settings.listen = ["tcp://[::]:9943"]
            let first = try bench.overlay(0, settings)
            settings.listen = []
            settings.peers = ["tcp://10.9.8.1:9943"]
            let second = try bench.overlay(1, settings)
            try await first.start()
            try await second.start()
            try await bench.eventually("the second reaches the first") {
                try await bench.run(1, "ping", "-6", "-c", "1", "-W", "1", first.address.description)
            }
            try await bench.eventually("the first reaches the second") {
                try await bench.run(0, "ping", "-6", "-c", "1", "-W", "1", second.address.description)
            }
            // Started again is started once.
            try await first.start()
            #expect(try await bench.runners[0].instances().count == 1)
            let status = try #require(try await bench.runners[0].instances().first)
            kill(status.process, SIGKILL)
            try await bench.eventually("it runs again") {
                try await first.start()
                let now = try await bench.runners[0].instances().first
                return now?.isRunning == true && now?.process != status.process
            }
            try await bench.eventually("the second reaches the first again") {
                try await bench.run(1, "ping", "-6", "-c", "1", "-W", "1", first.address.description)
            }
        }
    }

    @Test("the program has neither root nor any capability but one, and its key is in no file and no command line")
    func caged() async throws {
        try await OverlayBench.with { bench in
            let overlay = try bench.overlay(0, OverlaySettings())
            try await overlay.start()
            let status = try #require(try await bench.runners[0].instances().first)
            let facts = try String(contentsOfFile: "/proc/\(status.process)/status", encoding: .utf8)
            func fact(_ name: String) -> String {
                facts.split(separator: "\n").first { $0.hasPrefix(name + ":") }
                    .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) } ?? ""
            }
            #expect(fact("CapEff") == "0000000000001000")
            #expect(fact("CapBnd") == "0000000000001000")
            #expect(fact("NoNewPrivs") == "1")
            #expect(!fact("Uid").hasPrefix("0"))
            let secret = bench.keys[0].withSecret { Hex.encode($0) }
            let line = try String(contentsOfFile: "/proc/\(status.process)/cmdline", encoding: .utf8)
            #expect(!line.contains(secret))
            for case let file as String in try #require(FileManager.default.enumerator(atPath: bench.root)) {
                let bytes = FileManager.default.contents(atPath: "\(bench.root)/\(file)") ?? Data()
                #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(file)")
            }
        }
    }

    @Test("a cancelled keeper leaves the program running, an ended one ends with it")
    func ending() async throws {
        try await OverlayBench.with { bench in
            let overlay = try bench.overlay(0, OverlaySettings())
            func isRunning() async throws -> Bool {
                try await bench.runners[0].instances().contains { $0.isRunning }
            }
            let first = Task { await overlay.run() }
            try await bench.eventually("it runs") { try await isRunning() }
            first.cancel()
            await first.value
            #expect(try await isRunning())
            let second = Task { await overlay.run() }
            try await overlay.end()
            await second.value
            #expect(try await !isRunning())
        }
    }

    @Test("a program that is not there is said to be so, and nothing is left running")
    func missing() async throws {
        try await OverlayBench.with { bench in
            var settings = OverlaySettings()
            settings.program = "/usr/sbin/no-such-overlay"
            let overlay = try bench.overlay(0, settings)
            let error = await #expect(throws: HostingError.self) { try await overlay.start() }
            #expect(error?.code == .startFailed)
            #expect(try await bench.runners[0].instances().allSatisfy { !$0.isRunning })
        }
    }
}
