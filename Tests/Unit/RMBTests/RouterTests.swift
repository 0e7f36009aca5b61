import JSON
import Signatures
import Testing

@testable import RMB

@Suite("Router")
struct RouterTests {
    private let ledger = TestLedger()

    @Test("a guarded part refuses before it says what exists")
    func guards() async throws {
        let farmer = ledger.identity(1)
        let stranger = ledger.identity(3)
        try await TestBus.run(ledger.identity(2), on: ledger) { bus in
            bus.services.router.register("zos.admin.interfaces") { _ in "yes" }
            bus.services.router.restrict("zos.admin") { caller in
                guard caller.id == 1 else { throw CallError("unauthorized") }
            }
            func text(_ identity: RMBIdentity, _ command: String) async -> String {
                let caller = ProxyCaller(identity: identity, addresses: ledger, keys: ledger)
                do { return try await caller.call(command, at: 2).text } catch { return error.message }
            }
            #expect(await text(farmer, "zos.admin.interfaces") == "\"yes\"")
            #expect(await text(farmer, "zos.admin.unknown") == "function is not found")
            #expect(await text(stranger, "zos.admin.interfaces") == "unauthorized")
            #expect(await text(stranger, "zos.admin.unknown") == "unauthorized")
            #expect(await text(stranger, "zos.other").hasSuffix("400 Bad Request (function is not found)"))
        }
    }

    @Test("commands come and go")
    func registration() throws {
        let router = Router()
        let name = try #require(CommandName("a.b"))
        #expect(!router.accepts(name))
        router.register("a.b") { _ in .null }
        router.register("a.c.d") { _ in .null }
        #expect(router.accepts(name))
        #expect(router.commands == ["a.b", "a.c.d"])
        router.unregister("a.b")
        #expect(!router.accepts(name))
    }

    @Test(
        "names are ASCII, and never equal by anything but bytes", arguments: ["", ".", "a.", "a..b", "\u{212A}", "a b"])
    func names(text: String) {
        #expect(CommandName(text) == nil)
    }
}
