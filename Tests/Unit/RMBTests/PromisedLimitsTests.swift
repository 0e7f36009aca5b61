import Signatures
import Testing

@testable import RMB

/// The numbers of SPECIFICATION.md that a default server keeps.
@Suite("Promised limits of the bus")
struct PromisedLimitsTests {
    private let ledger = TestLedger()

    @Test("a message of more than 1 MiB is refused, one of less is read")
    func messageSize() async throws {
        let sender = ledger.identity(1)
        try await TestBus.run(ledger.identity(2), on: ledger, configuration: .loopback()) { bus in
            let large = bus.message(from: sender, payload: "\"\(String(repeating: "x", count: 1 << 20))\"")
            try await bus.expect(large, status: 413)
            // Base64 makes four bytes of three.
            let small = bus.message(from: sender, payload: "\"\(String(repeating: "x", count: 700_000))\"")
            try await bus.expect(small, status: 200)
        }
    }
}
