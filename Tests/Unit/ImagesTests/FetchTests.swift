import CHost
import Glibc
import ImageFixtures
import Testing
import Unpacking

@testable import Images

@Suite("Fetching")
struct FetchTests {
    /// A fetcher in this process, on a thread of its own, until the client goes.
    private final class Fetcher {
        let client: PacketSocket
        private let numbers: [Int32]

        init(allowsPrivate: Bool = true) {
            var pair: [Int32] = [-1, -1]
            zos_packet_pair(&pair)
            numbers = pair
            client = PacketSocket(pair[0])
            let theirs = pair[1]
            FixtureThread.start {
                let rule = AddressRule(allowsPrivate: allowsPrivate)
                // Its end is that of the client.
                try? FetchService(PacketSocket(theirs), rule: rule).run()
                close(theirs)
            }
        }

        deinit { close(numbers[0]) }

        func get(_ url: String, limit: UInt64 = 1 << 20, seconds: Int = 30) throws -> (FetchReply.Outcome, [UInt8]) {
            let file = FileHandle(taking: zos_memfd("test"))
            try client.send(FetchRequest(id: 7, url: url, limit: limit, seconds: seconds), file.number)
            while let (reply, _) = try client.receive(FetchReply.self) {
                if case .receiving = reply.outcome { continue }
                #expect(reply.id == 7)
                return (reply.outcome, try file.readAll(atMost: 1 << 26, name: "it"))
            }
            throw ImageError(.unavailable, "ended")
        }

        func refusal(_ url: String, limit: UInt64 = 1 << 20, seconds: Int = 30) throws -> ImageError? {
            if case .failed(let error) = try get(url, limit: limit, seconds: seconds).0 { return error }
            return nil
        }
    }

    private let server = FixtureServer()
    private let content = [UInt8](repeating: 9, count: 100_000)

    @Test("content arrives whole, with a length or without")
    func arrives() throws {
        defer { server.stop() }
        server.set("/a.fl", .content(content))
        server.set("/b.fl", .unsized(content))
        let fetcher = Fetcher()
        for path in ["/a.fl", "/b.fl"] {
            let (outcome, bytes) = try fetcher.get(server.url(path))
            #expect(outcome == .received(100_000))
            #expect(bytes == content)
        }
    }

    @Test("what is not there is absent, what fails says how")
    func statuses() throws {
        defer { server.stop() }
        server.set("/500", .status(500))
        server.set("/403", .status(403))
        let fetcher = Fetcher()
        #expect(try fetcher.get(server.url("/none")).0 == .absent)
        #expect(try fetcher.get(server.url("/none")).1.isEmpty)
        #expect(try fetcher.refusal(server.url("/500"))?.code == .unavailable)
        #expect(try fetcher.refusal(server.url("/403"))?.code == .invalid)
        server.stop()
        #expect(try fetcher.refusal("http://127.0.0.1:1/x")?.code == .unavailable)
    }

    @Test("more than the limit is refused, whether the server says so or not")
    func limits() throws {
        defer { server.stop() }
        server.set("/a", .content(content))
        server.set("/b", .unsized(content))
        let fetcher = Fetcher()
        for path in ["/a", "/b"] {
            #expect(try fetcher.refusal(server.url(path), limit: 99_999)?.code == .tooLarge)
            #expect(try fetcher.get(server.url(path), limit: 100_000).0 == .received(100_000))
        }
    }

    @Test("redirects are followed within the scheme and nowhere else")
    func redirects() throws {
        defer { server.stop() }
        server.set("/content", .content(content))
        server.set("/same", .redirect(server.url("/content")))
        server.set("/loop", .redirect(server.url("/loop")))
        let fetcher = Fetcher()
        #expect(try fetcher.get(server.url("/same")).0 == .received(100_000))
        #expect(try fetcher.refusal(server.url("/loop"))?.code == .unavailable)
        for target in ["https://127.0.0.1:1/", "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/"] {
            server.set("/away", .redirect(target))
            #expect(try fetcher.refusal(server.url("/away"))?.code == .denied, "\(target)")
        }
    }

    @Test(
        "other schemes are never fetched",
        arguments: ["file:///etc/passwd", "ftp://127.0.0.1/x", "dict://127.0.0.1/x", "smb://127.0.0.1/x", ""])
    func schemes(url: String) throws {
        defer { server.stop() }
        let (outcome, bytes) = try Fetcher().get(url)
        guard case .failed = outcome else {
            Issue.record("\(url): \(outcome)")
            return
        }
        #expect(bytes.isEmpty)
    }

    @Test("private addresses are refused before anything is sent, by name and by redirect too")
    func privateAddresses() throws {
        defer { server.stop() }
        server.set("/a", .content(content))
        let fetcher = Fetcher(allowsPrivate: false)
        for host in ["127.0.0.1", "localhost", "0x7f000001", "0.0.0.0"] {
            let error = try fetcher.refusal("http://\(host):\(server.port)/a")
            #expect(error != nil, "\(host)")
        }
        #expect(try fetcher.refusal(server.url("/a"))?.code == .denied)
        #expect(server.hits.isEmpty)
    }

    @Test("a server that stops sending is given up")
    func stalled() throws {
        defer { server.stop() }
        server.set("/a", .held(content))
        #expect(try Fetcher().refusal(server.url("/a"), seconds: 1)?.code == .unavailable)
    }

    @Test("blocks come from servers, at the usual and at the older place, and from the next store if one fails")
    func blocks() throws {
        defer { server.stop() }
        var packer = FlatListPacker(pieceSize: 10_000)
        let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 997 &* 31 &+ $0) }
        let list = packer.pack(
            [FixtureEntry("f", .file(content))], store: server.url("/blocks"),
            extra: ["INSERT INTO route VALUES (0, 255, '\(server.url("/old/"))')"])
        for (index, block) in packer.blocks.enumerated() {
            switch index % 3 {
            case 0: server.set("/blocks/\(block.key.prefix(2))/\(block.key)", .content(block.value))
            case 1: server.set("/old/\(block.key)", .content(block.value))
            default:
                server.set("/blocks/\(block.key.prefix(2))/\(block.key)", .status(500))
                server.set("/old/\(block.key.prefix(2))/\(block.key)", .content(block.value))
            }
        }
        let unpacking = UnpackCase()
        let fetcher = Fetcher()
        let source = unpacking.open(unpacking.folder.write("source", list))
        try unpacking.unpack(source, .flatList, fetcher: fetcher.client)
        #expect(FixtureFile.read(unpacking.target + "/f") == content)
    }

    @Test("a store that gives other bytes is not believed, and the next one is asked")
    func lyingStore() throws {
        defer { server.stop() }
        var packer = FlatListPacker()
        let list = packer.pack(
            [FixtureEntry("f", .file(content))], store: server.url("/lies"),
            extra: ["INSERT INTO route VALUES (0, 255, '\(server.url("/blocks"))')"])
        server.set(blocks: packer.blocks)
        for name in packer.blocks.keys { server.set("/lies/\(name.prefix(2))/\(name)", .content([1, 2, 3])) }
        let unpacking = UnpackCase()
        let fetcher = Fetcher()
        let source = unpacking.open(unpacking.folder.write("source", list))
        try unpacking.unpack(source, .flatList, fetcher: fetcher.client)
        #expect(FixtureFile.read(unpacking.target + "/f") == content)
    }

    @Test(
        "only addresses of the public internet are public",
        arguments: [
            ([8, 8, 8, 8], true), ([127, 0, 0, 1], false), ([10, 1, 2, 3], false), ([172, 16, 0, 1], false),
            ([172, 32, 0, 1], true),
            ([192, 168, 1, 1], false), ([169, 254, 169, 254], false), ([100, 64, 0, 1], false),
            ([100, 128, 0, 1], true), ([0, 0, 0, 0], false),
            ([224, 0, 0, 1], false), ([255, 255, 255, 255], false), ([198, 18, 0, 1], false), ([192, 0, 2, 1], false),
        ] as [([UInt8], Bool)])
    func addresses(bytes: [UInt8], isPublic: Bool) {
        #expect(AddressRule.isPublic(v4: bytes) == isPublic)
        // The same address in what stands for it in IPv6.
        #expect(AddressRule.isPublic(v6: [0, 0x64, 0xff, 0x9b] + [UInt8](repeating: 0, count: 8) + bytes) == isPublic)
        #expect(AddressRule.isPublic(v6: [0x20, 0x02] + bytes + [UInt8](repeating: 0, count: 10)) == isPublic)
        #expect(!AddressRule.isPublic(v6: [UInt8](repeating: 0, count: 10) + [0xff, 0xff] + bytes))
    }

    @Test("IPv6 addresses of the host, the link and the site are private, and the overlay's too")
    func addressesV6() {
        func address(_ start: [UInt8]) -> [UInt8] { start + [UInt8](repeating: 1, count: 16 - start.count) }
        for start in [[0xfe, 0x80], [0xfc], [0xfd], [0xff, 2], [0x20, 1, 0x0d, 0xb8], [2], [3], [0x20, 1, 0, 0]]
            as [[UInt8]]
        {
            #expect(!AddressRule.isPublic(v6: address(start)), "\(start)")
        }
        #expect(!AddressRule.isPublic(v6: [UInt8](repeating: 0, count: 15) + [1]))
        #expect(!AddressRule.isPublic(v6: [UInt8](repeating: 0, count: 16)))
        #expect(AddressRule.isPublic(v6: address([0x2a, 1, 4, 0xf8])))
    }
}
