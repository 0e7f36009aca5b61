import CHost
import Contracts
import Foundation
import JSON
import Netlink
import Testing

@testable import CLI

/// Touches namespaces and processes: as root, one after the other.
@Suite("Development node", .serialized)
struct DevelopmentTests {
    private final class Scratch {
        let path: String
        init() throws {
            path = "/tmp/zos-up-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        deinit {
            DevelopmentNetwork(folder: path + "/netns").remove()
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    @Test("the networks are made once, are wired to each other, and go without a trace")
    func networks() throws {
        let scratch = try Scratch()
        let network = DevelopmentNetwork(folder: scratch.path + "/netns")
        try network.make()
        try network.make()
        for (path, links) in [
            (network.host, ["lo", "uplink", "br-public", "br-node"]), (network.segment, ["lo", "node0"]),
        ] {
            let place = zos_namespace_open(path)
            #expect(place >= 0)
            defer { close(place) }
            let names = try NamespaceThread.routes(in: place) { try $0.links().map(\.name) }
            #expect(Set(links).isSubset(of: Set(names)), "\(names)")
        }
        network.remove()
        #expect(!FileManager.default.fileExists(atPath: network.folder))
    }

    @Test("the folder is made once: a second start keeps keys and genesis, secrets are private")
    func folder() throws {
        let scratch = try Scratch()
        let folder = DevelopmentFolder(path: scratch.path)
        try folder.prepare(DevelopmentFolder.Wishes())
        let genesis = try String(contentsOfFile: folder.genesis, encoding: .utf8)
        var wishes = DevelopmentFolder.Wishes()
        wishes.roots = ["/some \"root\""]
        try folder.prepare(wishes)
        #expect(try String(contentsOfFile: folder.genesis, encoding: .utf8) == genesis)
        let decoded = try JSONValue(parsing: genesis).decode(LedgerGenesis.self)
        #expect(decoded.twins?.count == 3)
        for path in [folder.secret(of: "user"), folder.secret(of: "farmer"), folder.genesis] {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(path)")
        }
        let ledger = try EmbeddedLedger(path: scratch.path + "/ledger.db", genesis: decoded)
        #expect(ledger.settings.production == .every(milliseconds: 250))
    }

    @Test("mounts below a folder are found innermost first, whatever their names")
    func mounts() {
        let table = """
            21 1 0:5 / /proc rw - proc proc rw
            30 1 0:4 net:[1] /tmp/a\\040b/netns/x rw - nsfs nsfs rw
            31 1 0:4 / /tmp/a\\040bc rw - tmpfs tmpfs rw
            32 1 0:4 / /tmp/a\\040b/netns/x/y rw - tmpfs tmpfs rw
            """
        #expect(
            MountedFolder.mounts(below: "/tmp/a b", table: table) == ["/tmp/a b/netns/x/y", "/tmp/a b/netns/x"])
    }

    @Test("a process is started inside the namespace with the listening socket as descriptor 3")
    func process() async throws {
        let scratch = try Scratch()
        let network = DevelopmentNetwork(folder: scratch.path + "/netns")
        try network.make()
        let listener = try LoopbackSocket.listen(port: 0)
        defer { close(listener.descriptor) }
        let log = scratch.path + "/log"
        let process = try NodeProcess.start(
            program: "/bin/sh", arguments: ["-c", "readlink /proc/self/ns/net /proc/self/fd/3; exec sleep 600"],
            namespace: network.host, listeners: [listener.descriptor], log: log)
        defer { kill(process.id, SIGKILL) }
        var lines: [Substring] = []
        let end = ContinuousClock.now + .seconds(20)
        while lines.count < 2, ContinuousClock.now < end {
            lines = (try? String(contentsOfFile: log, encoding: .utf8))?.split(separator: "\n") ?? []
            await Task.yield()
        }
        let place = zos_namespace_open(network.host)
        defer { close(place) }
        #expect(lines.first.map(String.init) == "net:[\(zos_inode(place))]")
        #expect(lines.last?.hasPrefix("socket:") == true)
        #expect(!process.isNode(of: scratch.path))
        try await process.stop(patience: .seconds(20))
        #expect(process.hasEnded)
    }
}
