import Glibc
import JSON
import PluginSDK
import PluginTesting
import Synchronization
import Testing
import ZMachineProvisioner

@Suite("Kernels of roots")
struct OwnKernelTests {
    private let plugin = makeZMachinePlugin()
    private let host = FakeHost()
    private let machine = FakeQEMU()
    private let folders: TestFolders
    private let context: Context
    private let kept: Kept

    init() throws {
        folders = try TestFolders()
        kept = Kept(host)
        context = Context(host: kept, configuration: folders.configuration)
        machine.attach(to: host)
        host.answer("companion.run") { call in
            HostReply(["code": call["companion"] == "look" ? 2 : 0, "output": ""])
        }
    }

    private static func file(_ text: String) -> Descriptor {
        var path = Array("/tmp/zos-kernel-XXXXXX".utf8CString)
        let number = mkstemp(&path)
        unlink(&path)
        _ = text.withCString { write(number, $0, strlen($0)) }
        return Descriptor(taking: number)
    }

    private func root(_ files: [String: String], startup: String? = nil) {
        host.answer("root.open") { _ in
            let paths = files.keys.sorted()
            var texts = JSONObject()
            if let startup { texts["/.startup.toml"] = .string(startup) }
            return HostReply(
                [
                    "root": "exact", "files": [], "texts": .object(texts),
                    "opened": .array(paths.map(JSONValue.string)),
                ], descriptors: paths.map { Self.file(files[$0] ?? "") })
        }
    }

    private func provision(_ change: (inout JSONObject) -> Void = { _ in }) async throws -> (
        slots: JSONValue, files: [String]
    ) {
        let subject = MachineSubject.subject(MachineSubject.data(change))
        _ = try await plugin.serve(.provision, ["subject": subject, "paused": false], in: context)
        let start = try #require(host.calls(of: "companion.start").last { $0["companion"] == "machine" })
        return (try #require(start.request["slots"]), kept.files)
    }

    /// A host that reads what a companion is handed.
    private final class Kept: Host {
        private let host: FakeHost
        private let read = Mutex<[String]>([])
        var files: [String] { read.withLock { $0 } }

        init(_ host: FakeHost) { self.host = host }

        func log(_ level: LogLevel, _ message: String) { host.log(level, message) }

        func call(_ service: String, workload: String?, request: JSONValue, descriptors: [Descriptor]) async throws
            -> HostReply
        {
            if service == "companion.start", request["companion"] == "machine" {
                let texts = descriptors.map { descriptor in
                    var bytes = [UInt8](repeating: 0, count: 1 << 20)
                    let count = pread(descriptor.number, &bytes, bytes.count, 0)
                    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
                }
                read.withLock { $0 = texts }
            }
            return try await host.call(service, workload: workload, request: request, descriptors: descriptors)
        }
    }

    @Test("a root's kernel and initramfs are booted, with the entrypoint as init and a disk that tells the rest")
    func boots() async throws {
        root(["/boot/vmlinuz": "their kernel", "/boot/initrd.img": "their initramfs"])
        let (slots, files) = try await provision { $0["entrypoint"] = "/sbin/app --fast 'two words'" }
        #expect(files.count == 3)
        #expect(files.first == "their kernel")
        #expect(files.dropFirst().first == "their initramfs")
        #expect(slots["kernel"] == ["index": 0] && slots["initrd"] == ["index": 1] && slots["seed"] == ["index": 2])
        #expect(slots["init"] == "/sbin/app")
        #expect(
            slots["initialised"] == true && slots["chosen"] == true && slots["plain"] == false
                && slots["seeded"] == true)
        let seed = try #require(files.last)
        for text in [
            "cidata", "CD001", "export K='it'\\''s'\ninit='/sbin/app'\nset -- '--fast' 'two words'\n",
            #""local-hostname":"vm""#, #""addresses":["10.20.3.2/24""#, #""gateway4":"10.20.3.1""#, "/data",
        ] { #expect(seed.contains(text), "\(text)") }
        #expect(host.calls(of: "overlay.create").first?["root"] == "exact")
        #expect(folders.scratchFiles.isEmpty, "the machine's secrets stay in no file")
    }

    @Test("without initramfs and entrypoint the kernel decides")
    func bare() async throws {
        root(["/boot/vmlinuz": "their kernel"])
        let (slots, files) = try await provision { $0["entrypoint"] = "" }
        #expect(files.count == 2)
        #expect(slots["initrd"] == nil && slots["init"] == nil && slots["initialised"] == false)
        #expect(slots["line"] == "console=ttyS0 panic=1 rw root=vroot rootfstype=virtiofs")
        #expect(slots["seed"] == ["index": 1])
    }

    @Test("what the root says about its start counts where the data says nothing")
    func startup() async throws {
        root(["/boot/vmlinuz": "k"], startup: "[startup.entry.args]\nname = \"/bin/theirs\"\nargs = [\"x\"]\n")
        let (slots, _) = try await provision { $0["entrypoint"] = "" }
        #expect(slots["init"] == "/bin/theirs")
    }

    @Test(
        "an entrypoint that cannot stand on a kernel's line is refused before anything is made",
        arguments: ["app", "/a,b", "/a=b", "/../x", "'/a b'", "/a//b", "/\u{e4}"])
    func wrongInit(entrypoint: String) async throws {
        root(["/boot/vmlinuz": "k"])
        await #expect(throws: PluginError.self) { _ = try await provision { $0["entrypoint"] = .string(entrypoint) } }
        #expect(host.calls(of: "overlay.create").isEmpty)
        #expect(host.existing.isEmpty)
    }

    @Test("an initramfs without a kernel is not used")
    func onlyInitramfs() async throws {
        root(["/boot/initrd.img": "theirs"])
        let (slots, files) = try await provision()
        #expect(slots["line"] == "console=ttyS0 panic=1 quiet rw")
        #expect(files.first == "kernel")
    }
}
