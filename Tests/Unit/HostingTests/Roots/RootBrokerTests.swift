import CHost
import Glibc
import ImageFixtures
import JSON
import Testing

@testable import Hosting

@Suite("Roots by broker", .serialized)
struct RootBrokerTests {
    private func bench(_ roots: RootBench) throws -> BrokerBench {
        var bench = try BrokerBench()
        bench.configuration.images = roots.configuration
        return bench
    }

    @Test("an overlay shows a root's files with the owners that the image gives them")
    func owners() async throws {
        let roots = RootBench()
        _ = roots.serve(FixtureEntry.root, at: "/root.fl")
        let bench = try bench(roots)
        try await bench.withBrokers { brokers, _ in
            let url = roots.server.url("/root.fl")
            let opened = await brokers.ask(
                "first", "root.open",
                [
                    "url": .string(url), "probe": ["/bin/app", "/bin/sh", "/nothing"], "read": ["/etc/motd"],
                    "open": ["/bin/app", "/nothing"],
                ], workload: "7-12-x")
            #expect(opened.status == .ok, "\(opened.payload)")
            #expect(opened.payload["files"] == ["/bin/app", "/bin/sh"])
            #expect(opened.payload["texts"]?["/etc/motd"] == "hello\n")
            #expect(opened.payload["opened"] == ["/bin/app"])
            #expect(opened.descriptors.count == 1)
            let root = try #require(opened.payload["root"]?.stringValue)
            let made = await brokers.ask(
                "first", "overlay.create", ["name": "7-12-x", "root": .string(root), "size": 33_554_432],
                workload: "7-12-x")
            #expect(made.status == .ok, "\(made.payload)")
            let folder = "\(bench.configuration.run)/overlays/7-12-x"
            var facts = stat()
            #expect(lstat("\(folder)/merged/etc/motd", &facts) == 0)
            #expect(facts.st_uid == 7 && facts.st_gid == 8)
            #expect(lstat("\(folder)/merged/bin/app", &facts) == 0)
            #expect(facts.st_uid == 0 && facts.st_mode & 0o7777 == 0o4755)
            #expect(lstat("\(folder)/merged/bin/sh", &facts) == 0)
            #expect(facts.st_uid == 5 && facts.st_gid == 6)
            // Written to, a file keeps its owner, and the root keeps its content.
            #expect(system("echo more >>'\(folder)/merged/etc/motd'") == 0)
            #expect(lstat("\(folder)/merged/etc/motd", &facts) == 0)
            #expect(facts.st_uid == 7 && facts.st_gid == 8)
            #expect(access("\(folder)/content", F_OK) != 0)
            let cached = "\(roots.folder.path)/images/roots/\(roots.names("roots")[0])/content"
            #expect(FixtureFile.read("\(cached)/etc/motd") == Array("hello\n".utf8))

            // The URL leads elsewhere now: this machine keeps what it has, another one gets the new content.
            _ = roots.serve([FixtureEntry("new", .file([1]))], at: "/root.fl")
            let again = await brokers.ask("first", "root.open", ["url": .string(url)], workload: "7-12-x")
            #expect(again.payload["root"] == .string(root))
            let other = await brokers.ask(
                "first", "root.open", ["url": .string(url), "probe": ["/new"]], workload: "7-12-y")
            #expect(other.payload["files"] == ["/new"])
            // And goes on with it when the server is gone, over a remount.
            roots.server.stop()
            zos_unmount("\(folder)/merged", 2)
            let request: JSONValue = ["name": "7-12-x", "root": .string(root), "size": 33_554_432]
            let remounted = await brokers.ask("first", "overlay.create", request, workload: "7-12-x")
            #expect(remounted.status == .ok, "\(remounted.payload)")
            #expect(FixtureFile.read("\(folder)/merged/etc/motd") == Array("hello\nmore\n".utf8))
            #expect(
                await brokers.ask("first", "overlay.delete", ["name": "7-12-x"], workload: "7-12-x").status == .ok)
            #expect(access(folder, F_OK) != 0)
        }
    }

    @Test("what cannot be got is told with the reason, and the forms that the node knows")
    func refusals() async throws {
        let roots = RootBench()
        let bench = try bench(roots)
        try await bench.withBrokers { brokers, _ in
            for (url, status, text) in [
                ("https://hub.example/x.flist", PluginStatus.unsupported, "legacy flist format is not supported"),
                ("https://hub.example/x.squashfs", .denied, "operator lists"),
                ("ftp://hub.example/x.fl", .unsupported, "it gets http://"), ("nonsense", .invalid, "no URL"),
                (roots.server.url("/none.fl"), .invalid, "there is no"),
                ("dir:///etc/x.tar", .denied, "not below a folder"),
            ] {
                let answer = await brokers.ask("first", "root.open", ["url": .string(url)], workload: "7-12-x")
                #expect(answer.status == status, "\(url): \(answer.payload)")
                #expect(answer.payload["message"]?.stringValue?.contains(text) == true, "\(url): \(answer.payload)")
            }
        }
    }
}
