import CHost
import Glibc
import ImageFixtures
import Testing
import Unpacking

@testable import Hosting

@Suite("Roots that clients name", .serialized)
struct RootLibraryTests {
    private func read(_ root: OwnedDescriptor, _ path: String) -> [UInt8] {
        FixtureFile.read("/proc/self/fd/\(root.number)/\(path)")
    }

    private func refusal(_ bench: RootBench, _ library: RootLibrary, _ url: String) async -> HostingError? {
        do {
            try await bench.get(library, url)
            return nil
        } catch { return error as? HostingError }
    }

    @Test("a flat list is fetched, verified and unpacked; its files belong to nobody of the node")
    func flatList() async throws {
        let bench = RootBench()
        let list = bench.serve(FixtureEntry.root, at: "/root.fl")
        let found = try await bench.get(bench.library(), bench.server.url("/root.fl"))
        #expect(found.url == bench.server.url("/root.fl") + "#sha256=" + FixtureFile.sha256Text(list))
        #expect(read(found.content, "etc/motd") == Array("hello\n".utf8))
        var facts = stat()
        #expect(fstatat(found.content.number, "bin/app", &facts, AT_SYMLINK_NOFOLLOW) == 0)
        #expect(facts.st_uid == RootBench.firstOwner)
        #expect(facts.st_mode & 0o7777 == 0o4755)
        #expect(fstatat(found.content.number, "etc/motd", &facts, AT_SYMLINK_NOFOLLOW) == 0)
        #expect(facts.st_gid == RootBench.firstOwner + 8)
        #expect(bench.names("work").isEmpty)
        #expect(bench.names("roots") == ["fl-" + FixtureFile.sha256Text(list)])
        let words = bench.words.withLock { $0 }
        #expect(words.contains { $0.hasPrefix("fetching http://") })
        #expect(RootBench.processes().isEmpty)
    }

    @Test(
        "every form is unpacked by the same way",
        arguments: ["root.tar", "root.tar.gz", "root.tar.zst", "image.oci.tar", "image"])
    func forms(name: String) async throws {
        let bench = RootBench()
        let tar = TarPacker.pack(FixtureEntry.root)
        let image = OCIPacker(layers: [OCIPacker.Layer(tar)])
        let library = try bench.library()
        var url = "dir://\(bench.listed)/\(name)"
        var form: ImageForm?
        switch name {
        case "image":
            image.write(to: bench.folder.make("listed/image"))
            form = .ociLayout
        case "root.tar":
            bench.server.set("/root.tar", .content(tar))
            url = bench.server.url("/root.tar")
        case "image.oci.tar": FixtureFile.write("\(bench.listed)/\(name)", image.tar)
        default:
            let program = name.hasSuffix("gz") ? "gzip" : "zstd -q"
            FixtureFile.write("\(bench.listed)/\(name)", FixtureFile.filter(tar, by: program, in: bench.folder.path))
        }
        let found = try await bench.get(library, url, form: form)
        #expect(read(found.content, "etc/motd") == Array("hello\n".utf8))
        #expect(read(found.content, "bin/app").count == 1_300_000)
    }

    @Test("content that is there is not fetched again, and a changed one is")
    func secondRequest() async throws {
        let bench = RootBench()
        let library = try bench.library()
        let list = bench.serve(FixtureEntry.root, at: "/root.fl")
        let first = try await bench.get(library, bench.server.url("/root.fl"))
        let blocks = bench.server.count("/blocks")
        #expect(try await bench.get(library, bench.server.url("/root.fl")).key == first.key)
        #expect(bench.server.count("/blocks") == blocks)
        #expect(bench.server.count("/root.fl") == 2)
        // Named exactly, nothing is asked at all.
        let exact = bench.server.url("/root.fl") + "#sha256=" + FixtureFile.sha256Text(list)
        #expect(try await bench.get(library, exact).key == first.key)
        #expect(bench.server.count("/root.fl") == 2)
        _ = bench.serve([FixtureEntry("new", .file([1]))], at: "/root.fl")
        let second = try await bench.get(library, bench.server.url("/root.fl"))
        #expect(second.key != first.key)
        #expect(read(second.content, "new") == [1])
    }

    @Test("requests at the same time share the work")
    func sharing() async throws {
        let bench = RootBench()
        let library = try bench.library()
        let list = bench.serve(FixtureEntry.root, at: "/root.fl")
        bench.server.set("/root.fl", .held(list))
        try await withThrowingTaskGroup(of: RootKey.self) { group in
            for _ in 0..<5 {
                group.addTask { try await bench.get(library, bench.server.url("/root.fl")).key }
            }
            #expect(try await RootBench.eventually { bench.server.count("/root.fl") == 1 })
            bench.server.release()
            var keys: Set<RootKey> = []
            for try await key in group { keys.insert(key) }
            #expect(keys.count == 1)
        }
        let blocks = bench.server.hits.filter { $0.hasPrefix("/blocks") }
        #expect(blocks.count == Set(blocks).count)
        #expect(bench.server.count("/root.fl") <= 5)
        #expect(bench.names("roots").count == 1)
    }

    @Test("another digest than the one that was asked for is refused")
    func wrongDigest() async throws {
        let bench = RootBench()
        let library = try bench.library()
        _ = bench.serve(FixtureEntry.root, at: "/root.fl")
        let url = bench.server.url("/root.fl") + "#sha256=" + String(repeating: "00", count: 32)
        #expect(await refusal(bench, library, url)?.message.contains("another one was asked for") == true)
        #expect(bench.server.count("/blocks") == 0)
        #expect(bench.names("roots").isEmpty && bench.names("work").isEmpty)
    }

    @Test("a refused root leaves nothing, and the next one is not in its way")
    func refused() async throws {
        let bench = RootBench()
        let library = try bench.library()
        let evil = TarPacker.pack([FixtureEntry("a", .link("/")), FixtureEntry("a/evil", .file([1]))])
        bench.server.set("/evil.tar", .content(evil))
        let error = await refusal(bench, library, bench.server.url("/evil.tar"))
        #expect(error?.code == .invalid)
        #expect(error?.isRetryable == false)
        #expect(access("/evil", F_OK) != 0)
        #expect(bench.names("roots").isEmpty && bench.names("work").isEmpty)
        bench.server.set("/evil.tar", .content(TarPacker.pack(FixtureEntry.root)))
        #expect(await refusal(bench, library, bench.server.url("/evil.tar")) == nil)
    }

    @Test("a file of the node outside of the listed folders is refused, also through a link")
    func unlisted() async throws {
        let bench = RootBench()
        let library = try bench.library()
        _ = bench.folder.write("other.tar", TarPacker.pack(FixtureEntry.root))
        symlink("../other.tar", "\(bench.listed)/link.tar")
        #expect(await refusal(bench, library, "dir://\(bench.folder.path)/other.tar")?.code == .denied)
        #expect(await refusal(bench, library, "dir://\(bench.listed)/../other.tar")?.code == .invalid)
        #expect(await refusal(bench, library, "dir://\(bench.listed)/link.tar") != nil)
    }

    // MARK: Crashes

    @Test("a damaged root is found at the next start, and got again")
    func damaged() async throws {
        let bench = RootBench()
        _ = bench.serve(FixtureEntry.root, at: "/root.fl")
        let found = try await bench.get(bench.library(), bench.server.url("/root.fl"))
        let path = "\(bench.folder.path)/images/roots/\(found.key.name)/content"
        for change in [
            "printf x >>'\(path)/etc/motd'", "chmod 777 '\(path)/etc/motd'", "rm '\(path)/run/pipe'",
            "touch '\(path)/etc/new'", "ln -sfn /x '\(path)/bin/sh'", "chown 0 '\(path)/bin'",
        ] {
            #expect(system(change) == 0)
            let again = try await bench.get(bench.library(), found.url)
            #expect(read(again.content, "etc/motd") == Array("hello\n".utf8), "\(change)")
            let digest = try TreeDigest.of(again.content)
            #expect(RootMark.read("\(bench.folder.path)/images/roots/\(found.key.name)")?.tree == digest)
        }
    }

    @Test("what a crash of the node leaves at any step is not believed, and goes")
    func leftovers() async throws {
        let bench = RootBench()
        _ = bench.serve(FixtureEntry.root, at: "/root.fl")
        let key = try await bench.get(bench.library(), bench.server.url("/root.fl")).key
        let images = "\(bench.folder.path)/images"
        let steps = [
            // While it is unpacked, before the mark, before the mark's name, before the rename, during the removal.
            "mkdir -p work/3 && cp -a roots/\(key.name)/content work/3/",
            "mkdir -p work/3 && mv roots/\(key.name)/* work/3/ && rm work/3/mark",
            "mkdir -p work/3 && mv roots/\(key.name)/* work/3/ && mv work/3/mark work/3/mark.new",
            "mv roots/\(key.name) work/3", "mv roots/\(key.name) work/gone-\(key.name)",
            "rm roots/\(key.name)/mark", "truncate -s 5 roots/\(key.name)/mark", "rm -r roots/\(key.name)/content",
            "rm -r roots/\(key.name)/content/*",
        ]
        for step in steps {
            #expect(system("cd '\(images)' && \(step)") == 0, "\(step)")
            let found = try await bench.get(bench.library(), bench.server.url("/root.fl"))
            #expect(read(found.content, "etc/motd") == Array("hello\n".utf8), "\(step)")
            #expect(bench.names("work").isEmpty, "\(step)")
            #expect(bench.names("roots") == [key.name], "\(step)")
        }
    }

    @Test("an unpacker or a fetcher that is killed leaves nothing, and the next try works", arguments: [0, 1])
    func killed(index: Int) async throws {
        let bench = RootBench()
        let library = try bench.library()
        var packer = FlatListPacker()
        let list = packer.pack(FixtureEntry.root, store: bench.server.url("/blocks"))
        bench.server.set("/root.fl", .content(list))
        for (name, bytes) in packer.blocks { bench.server.set("/blocks/\(name.prefix(2))/\(name)", .held(bytes)) }
        async let result = refusal(bench, library, bench.server.url("/root.fl"))
        // Both run, and wait for blocks.
        #expect(
            try await RootBench.eventually { bench.server.count("/blocks") >= 3 && RootBench.processes().count == 2 })
        let processes = RootBench.processes().sorted()
        if processes.indices.contains(index) { kill(processes[index], SIGKILL) }
        let error = await result
        #expect(error?.code == .unavailable, "\(String(describing: error))")
        #expect(error?.isRetryable == true)
        #expect(bench.names("roots").isEmpty && bench.names("work").isEmpty)
        #expect(try await RootBench.eventually { RootBench.processes().isEmpty })
        bench.server.release()
        #expect(await refusal(bench, library, bench.server.url("/root.fl")) == nil)
    }

    // MARK: Bounds

    @Test("the cache keeps to its size: what was not used for longest goes, what machines use stays")
    func eviction() async throws {
        let bench = RootBench()
        func fill(_ name: String) async throws -> RootKey {
            let content = [UInt8](repeating: UInt8(name.utf8.count), count: 1_000_000)
            bench.server.set("/\(name).tar", .content(TarPacker.pack([FixtureEntry("f", .file(content))])))
            // A library of its own, so that nothing counts as used lately.
            return try await bench.get(bench.library { $0.cacheSize = 2_500_000 }, bench.server.url("/\(name).tar")).key
        }
        let first = try await fill("a")
        bench.used.withLock { _ = $0.insert(first.name) }
        let second = try await fill("bb")
        let third = try await fill("ccc")
        #expect(bench.names("roots").sorted() == [first.name, third.name].sorted())
        #expect(!bench.names("roots").contains(second.name))
        // What was asked for by the same node lately stays too, even beyond the size.
        let library = try bench.library { $0.cacheSize = 1 }
        try await bench.get(library, bench.server.url("/ccc.tar"))
        try await bench.get(library, bench.server.url("/bb.tar"))
        #expect(Set(bench.names("roots")) == [first.name, second.name, third.name])
    }

    @Test("blocks are evicted too, and a link in their place leads nowhere")
    func blockEviction() async throws {
        let bench = RootBench()
        let victim = bench.folder.make("victim")
        let inner = bench.folder.make("victim/ab")
        FixtureFile.write("\(inner)/file", [1])
        _ = bench.serve(FixtureEntry.root, at: "/root.fl")
        try await bench.get(bench.library(), bench.server.url("/root.fl"))
        let blocks = "\(bench.folder.path)/images/blocks"
        #expect(FixtureFile.list(blocks).count { $0.utf8.count > 60 } == 3)
        symlink(victim, "\(blocks)/zz")
        FixtureFile.write("\(blocks)/new-1-1", [1])
        _ = bench.serve([FixtureEntry("f", .file([5]))], at: "/other.fl")
        try await bench.get(bench.library { $0.cacheSize = 400_000 }, bench.server.url("/other.fl"))
        #expect(FixtureFile.list(blocks).count { $0.utf8.count > 60 } < 4)
        #expect(access("\(inner)/file", F_OK) == 0)
        #expect(access("\(blocks)/new-1-1", F_OK) != 0)
    }

    @Test("a root that is larger than the node takes is refused", arguments: ["/big.tar", "/bomb.tar.gz"])
    func tooLarge(path: String) async throws {
        let bench = RootBench()
        let tar = TarPacker.pack([FixtureEntry("f", .file([UInt8](repeating: 0, count: 3_000_000)))])
        bench.server.set("/big.tar", .content(tar))
        bench.server.set("/bomb.tar.gz", .content(FixtureFile.filter(tar, by: "gzip", in: bench.folder.path)))
        let error = await refusal(bench, try bench.library { $0.rootSize = 1_000_000 }, bench.server.url(path))
        #expect(error?.code == .invalid)
        #expect(bench.names("work").isEmpty)
    }

    // MARK: Walls

    @Test(
        "fetcher and unpacker run as nobody: own ids and namespaces, no capabilities of the node, filtered, sealed in")
    func walls() async throws {
        let bench = RootBench()
        let library = try bench.library()
        var packer = FlatListPacker()
        bench.server.set("/root.fl", .content(packer.pack(FixtureEntry.root, store: bench.server.url("/blocks"))))
        for (name, bytes) in packer.blocks { bench.server.set("/blocks/\(name.prefix(2))/\(name)", .held(bytes)) }
        async let result = refusal(bench, library, bench.server.url("/root.fl"))
        #expect(
            try await RootBench.eventually { bench.server.count("/blocks") >= 3 && RootBench.processes().count == 2 })
        let processes = RootBench.processes().sorted()
        try #require(processes.count == 2)
        func status(_ pid: pid_t, _ name: String) throws -> String {
            let text = String(decoding: try SmallFile.read("/proc/\(pid)/status") ?? [], as: UTF8.self)
            let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") } ?? ""
            return line.split(separator: "\t").dropFirst().first.map(String.init) ?? ""
        }
        func namespace(_ pid: String, _ name: String) -> String { FixtureFile.target("/proc/\(pid)/ns/\(name)") }
        for pid in processes {
            #expect(try status(pid, "NoNewPrivs") == "1")
            #expect(try status(pid, "Seccomp") == "2")
            for name in ["pid", "mnt", "ipc", "uts"] { #expect(namespace("\(pid)", name) != namespace("self", name)) }
        }
        #expect(try status(processes[0], "Uid") == "4100000")
        #expect(try status(processes[0], "CapPrm") == "0000000000000000")
        #expect(try status(processes[1], "Uid") == "\(RootBench.firstOwner)")
        // CHOWN, DAC_OVERRIDE, FOWNER, FSETID in a user namespace of its own.
        #expect(try status(processes[1], "CapPrm") == "000000000000001b")
        #expect(namespace("\(processes[1])", "user") != namespace("self", "user"))
        #expect(namespace("\(processes[1])", "net") != namespace("self", "net"))
        #expect(namespace("\(processes[0])", "net") == namespace("self", "net"))
        bench.server.release()
        #expect(await result == nil)
    }
}
