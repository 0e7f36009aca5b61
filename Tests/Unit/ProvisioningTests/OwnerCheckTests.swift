import Provisioning
import Signatures
import Synchronization
import Testing

@Suite("Checking the owner of a deployment")
struct OwnerCheckTests {
    /// Knows some twins, and counts who was asked about.
    private final class Register: OwnerCheck {
        let verified = Mutex<Set<UInt32>>([])
        let asked = Mutex<[UInt32]>([])

        func check(_ twin: UInt32) async throws(Refusal) {
            asked.withLock { $0.append(twin) }
            guard verified.withLock({ $0.contains(twin) }) else {
                throw Refusal(.unverified, "user with twin id \(twin) is not verified")
            }
        }
    }

    @Test("a user who is not verified is refused before signatures are looked at, and nothing is stored")
    func unverified() async throws {
        let (fixture, register) = (try EngineFixture(), Register())
        try await fixture.withEngine(ownerCheck: register) { engine in
            let text = try fixture.deployment([fixture.workload("data", "disk", ["size": 5])])
            let refusal = await #expect(throws: Refusal.self) {
                try await engine.deploy(text, caller: 7, keys: FakeKeys(keys: [:]))
            }
            #expect(refusal?.code == .unverified)
            #expect(await engine.contracts().isEmpty)
            register.verified.withLock { $0 = [7] }
            try await engine.deploy(text, caller: 7, keys: fixture.keys)
            try await fixture.idle(engine)
            #expect(try await fixture.states(engine) == ["data": "ok"])
        }
    }

    @Test("updates are checked too, and what is no right deployment of the caller's asks nobody")
    func updates() async throws {
        let (fixture, register) = (try EngineFixture(), Register())
        register.verified.withLock { $0 = [7] }
        try await fixture.withEngine(ownerCheck: register) { engine in
            let disk = fixture.workload("data", "disk", ["size": 5])
            let first = try fixture.deployment([disk])
            await #expect(throws: Refusal.self) { try await engine.deploy(first, caller: 8, keys: fixture.keys) }
            await #expect(throws: Refusal.self) {
                try await engine.deploy(try fixture.deployment([disk, disk]), caller: 7, keys: fixture.keys)
            }
            #expect(register.asked.withLock { $0 }.isEmpty)
            try await engine.deploy(try fixture.deployment([disk]), caller: 7, keys: fixture.keys)
            try await fixture.idle(engine)
            register.verified.withLock { $0 = [] }
            let next = try fixture.deployment([disk, fixture.workload("more", "disk", [:], version: 1)], version: 1)
            let refusal = await #expect(throws: Refusal.self) {
                try await engine.update(next, caller: 7, keys: fixture.keys)
            }
            #expect(refusal?.code == .unverified)
            #expect(try await fixture.states(engine) == ["data": "ok"])
        }
    }
}
