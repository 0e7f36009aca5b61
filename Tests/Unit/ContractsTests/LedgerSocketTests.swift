import Foundation
import JSON
import Logging
import Signatures
import TestLedger
import Testing

@testable import Contracts

@Suite("Ledger socket")
struct LedgerSocketTests {
    @Test("both sockets are for their owner alone, and users cannot administrate")
    func access() async throws {
        try await LedgerFixture.with(.socket) { fixture in
            for name in ["/l", "/a"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: fixture.folder.path + name)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
            }
            let users = RemoteLedger(path: fixture.folder.path + "/l")
            let failure = await #expect(throws: CallFailure.self) { try await users.administrate(.tick) }
            guard case .refused = failure else {
                Issue.record("expected a refusal, got \(String(describing: failure))")
                return
            }
            #expect(try await fixture.ledger.head(.best).number == 0)
        }
    }

    @Test("a ledger that is gone is unavailable, not absent, and is found again when it is back")
    func unavailable() async throws {
        let folder = try Folder()
        let path = folder.path + "/l"
        let remote = RemoteLedger(path: path)
        let error = await #expect(throws: LedgerUnavailable.self) { try await remote.twin(1, at: .best) }
        #expect(error?.reason == .unreachable)
        let embedded = try EmbeddedLedger(
            path: folder.path + "/ledger.db", genesis: LedgerFixture.genesis(LedgerFixture.onDemand))
        for _ in 0..<2 {
            let server = try LedgerSocketServer(ledger: embedded, path: path, logger: Logger(label: "test"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await server.run() }
                let (found, absent) = (try await remote.twin(1, at: .best), try await remote.twin(9, at: .best))
                #expect(found?.id == 1)
                #expect(absent == nil)
                group.cancelAll()
            }
            await #expect(throws: LedgerUnavailable.self) { try await remote.twin(1, at: .best) }
        }
    }

    @Test("nonsense on the socket is answered or ends that connection only")
    func nonsense() async throws {
        try await LedgerFixture.with(.socket) { fixture in
            let raw = try FrameSocket.connect(to: fixture.folder.path + "/l")
            for request in [.null, [], ["query": ["twin": ["id": -1]]], ["call": ["signature": "zz"]]] as [JSONValue] {
                try await raw.send(request)
                #expect(try await raw.receive(timeout: .seconds(10))?["failure"] != nil)
            }
            #expect(try await fixture.ledger.head(.best).number == 0)
        }
    }
}
