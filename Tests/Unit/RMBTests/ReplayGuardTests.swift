import Foundation
import Signatures
import Testing

@testable import RMB

@Suite("Replay guard")
struct ReplayGuardTests {
    private final class Folder {
        let path = FileManager.default.temporaryDirectory.appending(path: "replay-\(UUID().uuidString)").path()
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
        func file(_ name: String = "seen") -> String { path + "/" + name }
    }

    private let machine = MachineStart(id: Array(repeating: 0x61, count: 36), time: UnixTime(seconds: 500))
    private func digest(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 16) }
    private func at(_ seconds: Int64) -> UnixTime { UnixTime(seconds: seconds) }

    private func open(_ path: String, capacity: Int = 8, machine: MachineStart? = nil, now: Int64) throws -> ReplayGuard
    {
        try ReplayGuard(path: path, capacity: capacity, machine: machine ?? self.machine) { at(now) }
    }

    @Test("a message is fresh once, per source")
    func repeated() throws {
        let folder = try Folder()
        let seen = try open(folder.file(), now: 1000)
        #expect(seen.admit(source: 1, digest: digest(1), now: 1000, clock: at(1000)) == .fresh)
        #expect(seen.admit(source: 1, digest: digest(1), now: 1000, clock: at(1001)) == .repeated)
        #expect(seen.admit(source: 2, digest: digest(1), now: 1000, clock: at(1001)) == .fresh)
    }

    @Test("the memory survives a killed process: what a new one would map holds everything, with no sync and no close")
    func survivesKill() throws {
        let folder = try Folder()
        let seen = try open(folder.file(), now: 1000)
        for number in 0..<5 {
            #expect(seen.admit(source: 1, digest: digest(UInt8(number)), now: 1010, clock: at(1010)) == .fresh)
        }
        // A copy of the open file is what the kernel would hand to the next process.
        try FileManager.default.copyItem(atPath: folder.file(), toPath: folder.file("copy"))
        let next = try open(folder.file("copy"), now: 1020)
        for number in 0..<5 {
            #expect(next.admit(source: 1, digest: digest(UInt8(number)), now: 1010, clock: at(1020)) == .repeated)
        }
        #expect(next.admit(source: 1, digest: digest(9), now: 1010, clock: at(1020)) == .fresh)
    }

    @Test("after a reboot everything dated before it is refused")
    func reboot() throws {
        let folder = try Folder()
        do {
            let seen = try open(folder.file(), now: 1000)
            #expect(seen.admit(source: 1, digest: digest(1), now: 1000, clock: at(1000)) == .fresh)
        }
        let rebooted = MachineStart(id: Array(repeating: 0x62, count: 36), time: at(1005))
        let seen = try open(folder.file(), machine: rebooted, now: 1010)
        #expect(seen.admit(source: 1, digest: digest(1), now: 1000, clock: at(1010)) == .unknowable)
        #expect(seen.admit(source: 1, digest: digest(2), now: 1010, clock: at(1010)) == .fresh)
    }

    @Test("a lost, cut or foreign file counts as one that knows nothing", arguments: ["", "short", "foreign"])
    func lostFile(content: String) throws {
        let folder = try Folder()
        let bytes = content == "foreign" ? [UInt8](repeating: 0xff, count: 4096 + 8 * 32) : Array(content.utf8)
        try Data(bytes).write(to: URL(filePath: folder.file()))
        let seen = try open(folder.file(), now: 1000)
        #expect(seen.admit(source: 1, digest: digest(1), now: 999, clock: at(1000)) == .unknowable)
        #expect(seen.admit(source: 1, digest: digest(1), now: 1000, clock: at(1000)) == .fresh)
    }

    @Test("a full memory refuses rather than forgets, until the oldest expires")
    func full() throws {
        let folder = try Folder()
        let seen = try open(folder.file(), now: 1000)
        for number in 0..<8 {
            #expect(seen.admit(source: 1, digest: digest(UInt8(number)), now: 1000, clock: at(1000)) == .fresh)
        }
        #expect(seen.admit(source: 1, digest: digest(9), now: 1000, clock: at(1000)) == .full)
        #expect(seen.admit(source: 1, digest: digest(0), now: 1000, clock: at(1060)) == .repeated)
        #expect(seen.admit(source: 1, digest: digest(9), now: 1050, clock: at(1061)) == .fresh)
    }

    @Test("the ring goes round and round, also over restarts")
    func wrapping() throws {
        let folder = try Folder()
        var time: Int64 = 1000
        for round in 0..<10 {
            let seen = try open(folder.file(), now: time)
            for number in 0..<5 {
                let digest = digest(UInt8(round * 5 + number))
                #expect(seen.admit(source: 1, digest: digest, now: time, clock: at(time)) == .fresh)
                #expect(seen.admit(source: 1, digest: digest, now: time, clock: at(time)) == .repeated)
            }
            time += 61
        }
    }

    @Test("two nodes cannot share one memory")
    func locked() throws {
        let folder = try Folder()
        let seen = try open(folder.file(), now: 1000)
        let error = #expect(throws: RMBError.self) { try open(folder.file(), now: 1000) }
        #expect(error?.code == .configuration)
        withExtendedLifetime(seen) {}
    }

    @Test("a folder that does not exist is named")
    func missingFolder() {
        let error = #expect(throws: RMBError.self) { try open("/nonexistent/seen", now: 1000) }
        #expect(error?.message.contains("/nonexistent/seen") == true)
    }
}
