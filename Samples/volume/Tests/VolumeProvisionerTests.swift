import JSON
import PluginSDK
import PluginTesting
import Testing
import VolumeProvisioner

@Suite("Volume")
struct VolumeProvisionerTests {
    private let plugin = makeVolumePlugin()
    private let host = FakeHost()
    private var context: Context { Context(host: host) }
    private static let size: UInt64 = 64 << 20

    private func subject(_ size: UInt64 = size, result: JSONValue = .null) -> JSONValue {
        [
            "id": "7-12-shared", "twin": 7, "contract": 12, "name": "shared", "type": "volume", "version": 0,
            "data": ["size": .number(JSONNumber(size))], "result": result,
        ]
    }

    private func provision(_ subject: JSONValue) async throws -> JSONValue {
        try await plugin.serve(.provision, ["subject": subject, "paused": false], in: context)
    }

    private func update(to size: UInt64) async throws -> JSONValue {
        let request: JSONValue = [
            "subject": subject(size, result: ["id": "7-12-shared"]),
            "previous": ["size": .number(JSONNumber(Self.size))],
        ]
        return try await plugin.serve(.update, request, in: context)
    }

    @Test("a volume is a directory of its id, handed over as an export")
    func provision() async throws {
        let outcome = try await provision(subject())
        #expect(outcome["outcome"] == "ready")
        #expect(outcome["result"] == ["id": "7-12-shared"])
        #expect(outcome["exports"] == [["kind": "directory", "value": ["directory": "7-12-shared"]]])
        #expect(host.existing == ["directory 7-12-shared"])
    }

    @Test("provision again changes nothing")
    func again() async throws {
        _ = try await provision(subject())
        #expect(try await provision(subject(result: ["id": "7-12-shared"])) == ["outcome": "present"])
        #expect(try await provision(subject())["outcome"] == "ready", "the node lost the record of the first time")
    }

    @Test("it grows, and a refused change leaves it as it was")
    func update() async throws {
        _ = try await provision(subject())
        #expect(try await update(to: 2 * Self.size)["outcome"] == "ready")
        #expect(try await update(to: 2 * Self.size)["outcome"] == "ready", "a replay after a crash")
        #expect(
            try await update(to: Self.size) == ["outcome": "unchanged", "message": "not safe to shrink a volume"])
        host.refuse("directory.resize", .unavailable("the pool is full"))
        let full = try await update(to: 4 * Self.size)
        #expect(full == ["outcome": "unchanged", "message": "no enough free space to support new size"])
    }

    @Test("removal removes the directory, twice without harm, and not while it is in use")
    func deprovision() async throws {
        _ = try await provision(subject())
        _ = try await plugin.serve(.deprovision, ["subject": subject()], in: context)
        _ = try await plugin.serve(.deprovision, ["subject": subject()], in: context)
        #expect(host.existing.isEmpty)
        host.refuse("directory.delete", .unavailable("in use by 7-12-vm"))
        let error = await #expect(throws: PluginError.self) {
            _ = try await plugin.serve(.deprovision, ["subject": subject()], in: context)
        }
        #expect(error?.status == .unavailable)
    }

    @Test("size is what counts and what is refused if it is 0")
    func rules() async throws {
        let capacity = try await plugin.serve(
            .capacity, ["type": "volume", "data": ["size": 4096]], in: context)
        #expect(capacity["sru"] == 4096)
        await #expect(throws: PluginError.invalid("invalid size")) {
            _ = try await plugin.serve(.validate, ["subject": subject(0)], in: context)
        }
    }
}
