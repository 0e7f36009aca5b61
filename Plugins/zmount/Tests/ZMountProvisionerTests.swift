import Glibc
import JSON
import PluginSDK
import PluginTesting
import Testing
import ZMountProvisioner

@Suite("zmount")
struct ZMountProvisionerTests {
    private let plugin = makeZMountPlugin()
    private let host = FakeHost()
    private let pool: TestPool
    private let context: Context
    private let id = "7-12-data"

    init() throws {
        pool = try TestPool()
        context = Context(host: host, configuration: pool.configuration)
    }

    private func request(_ size: UInt64, previous: UInt64? = nil, result: JSONValue = .null) -> JSONValue {
        let subject: JSONValue = [
            "id": .string(id), "twin": 7, "contract": 12, "name": "data", "type": "zmount", "version": 0,
            "data": ["size": .number(JSONNumber(size))], "result": result,
        ]
        guard let previous else { return ["subject": subject, "paused": false] }
        return ["subject": subject, "previous": ["size": .number(JSONNumber(previous))]]
    }

    @Test("the folder of the disks is there from the start and stays when the last disk goes")
    func initialize() async throws {
        func names() -> [String] { [pool.path, pool.path + "/vdisks"].filter { access($0, F_OK) == 0 } }
        _ = try await plugin.serve(.initialize, ["workloads": []], in: context)
        let before = names()
        #expect(before.count == 2)
        _ = try await plugin.serve(.provision, request(1 << 20), in: context)
        _ = try await plugin.serve(.deprovision, request(1 << 20), in: context)
        #expect(names() == before)
        #expect(pool.disk(id) == nil)
    }

    @Test("provision allocates a disk of exactly its size and hands it on as a block device")
    func provision() async throws {
        let outcome = try await plugin.serve(.provision, request(1_000_001), in: context)
        #expect(outcome["result"] == ["volume_id": "7-12-data"])
        #expect(
            outcome["exports"] == [
                ["kind": "block-device", "value": ["path": "vdisks/7-12-data", "size": 1_000_001]]
            ])
        let disk = try #require(pool.disk(id))
        #expect(disk.size == 1_000_001)
        #expect(disk.allocated >= 1_000_001)
        #expect(disk.mode == 0o600)
        var folder = stat()
        #expect(lstat("\(pool.path)/vdisks", &folder) == 0)
        #expect(folder.st_mode & 0o777 == 0o700)
    }

    @Test("provisioning again changes nothing; without a record it says what there is")
    func again() async throws {
        _ = try await plugin.serve(.provision, request(4096), in: context)
        let recorded = request(4096, result: ["volume_id": "7-12-data"])
        let second = try await plugin.serve(.provision, recorded, in: context)
        #expect(second == ["outcome": "present"])
        let third = try await plugin.serve(.provision, request(4096), in: context)
        #expect(third["outcome"] == "ready")
    }

    @Test("a crash between making and allocating is completed by the next provision")
    func crash() async throws {
        try #require(mkdir("\(pool.path)/vdisks", 0o700) == 0)
        close(open("\(pool.path)/vdisks/\(id)", O_CREAT | O_RDWR, 0o666))
        let outcome = try await plugin.serve(.provision, request(4096), in: context)
        #expect(outcome["outcome"] == "ready")
        #expect(pool.disk(id)?.size == 4096)
    }

    @Test("a disk larger than the pool is refused and leaves nothing", arguments: [17 << 20, UInt64.max])
    func full(_ size: UInt64) async throws {
        await #expect(throws: PluginError.failed("no enough free space for a disk of \(size) bytes")) {
            _ = try await plugin.serve(.provision, request(size), in: context)
        }
        #expect(pool.disk(id) == nil)
        _ = try await plugin.serve(.provision, request(15 << 20), in: context)
    }

    @Test("a larger file of that name is not taken for the disk")
    func larger() async throws {
        _ = try await plugin.serve(.provision, request(8192), in: context)
        await #expect(throws: PluginError.self) { _ = try await plugin.serve(.provision, request(4096), in: context) }
        #expect(pool.disk(id)?.size == 8192)
    }

    @Test("a symbolic link in the disk's place is not followed")
    func link() async throws {
        try #require(mkdir("\(pool.path)/vdisks", 0o700) == 0)
        try #require(symlink("/tmp/zos-zmount-elsewhere", "\(pool.path)/vdisks/\(id)") == 0)
        await #expect(throws: PluginError.self) { _ = try await plugin.serve(.provision, request(4096), in: context) }
        #expect(access("/tmp/zos-zmount-elsewhere", F_OK) != 0)
    }

    @Test("a disk grows and keeps what it holds")
    func grow() async throws {
        _ = try await plugin.serve(.provision, request(4096), in: context)
        let file = open("\(pool.path)/vdisks/\(id)", O_RDWR)
        defer { close(file) }
        #expect(pwrite(file, "kept", 4, 0) == 4)
        let outcome = try await plugin.serve(.update, request(1 << 20, previous: 4096), in: context)
        #expect(outcome["outcome"] == "ready")
        #expect(outcome["exports"]?[0]?["value"]?["size"] == 1_048_576)
        #expect(pool.disk(id)?.size == 1 << 20)
        var bytes = [UInt8](repeating: 0, count: 4)
        #expect(pread(file, &bytes, 4, 0) == 4)
        #expect(bytes == Array("kept".utf8))
    }

    @Test("what cannot be changed is unchanged, with the grid's texts")
    func unchanged() async throws {
        _ = try await plugin.serve(.provision, request(8192), in: context)
        let shrink = try await plugin.serve(.update, request(4096, previous: 8192), in: context)
        #expect(shrink == ["outcome": "unchanged", "message": "not safe to shrink a disk"])
        let full = try await plugin.serve(.update, request(32 << 20, previous: 8192), in: context)
        #expect(full == ["outcome": "unchanged", "message": "no enough free space to support new size"])
        let equal = try await plugin.serve(.update, request(8192, previous: 8192), in: context)
        #expect(equal == ["outcome": "present"])
        host.answer("export.holders") { _ in HostReply(["workloads": ["7-12-vm"]]) }
        let mounted = try await plugin.serve(.update, request(16384, previous: 8192), in: context)
        #expect(mounted == ["outcome": "unchanged", "message": "disk is mounted, please delete the VM first"])
        #expect(pool.disk(id)?.size == 8192)
    }

    @Test("a disk that a running companion holds is not removed")
    func held() async throws {
        _ = try await plugin.serve(.provision, request(4096), in: context)
        host.answer("export.holders") { _ in HostReply(["workloads": ["7-12-vm"]]) }
        let error = await #expect(throws: PluginError.self) {
            _ = try await plugin.serve(.deprovision, request(4096), in: context)
        }
        #expect(error?.message == "disk data is in use by 7-12-vm; remove that first")
        #expect(pool.disk(id) != nil)
    }

    @Test("removal removes, and accepts what is gone")
    func remove() async throws {
        _ = try await plugin.serve(.provision, request(4096), in: context)
        _ = try await plugin.serve(.deprovision, request(4096), in: context)
        #expect(pool.disk(id) == nil)
        _ = try await plugin.serve(.deprovision, request(4096), in: context)
    }

    @Test("size 0 is invalid, and size is what it takes of the SSD")
    func validity() async throws {
        await #expect(throws: PluginError.invalid("invalid size")) {
            _ = try await plugin.serve(.validate, request(0), in: context)
        }
        let capacity = try await plugin.serve(
            .capacity, ["type": "zmount", "data": ["size": .number(JSONNumber(UInt64.max))]], in: context)
        #expect(capacity["sru"] == .number(JSONNumber(UInt64.max)))
    }
}
