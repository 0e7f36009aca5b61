import Contracts
import JSON
import ScriptedChain
import Signatures
import Substrate
import Testing

@testable import Chain

@Suite("Chain ledger: calls", .timeLimit(.minutes(5)))
struct ChainCallsTests {
    private let call = LedgerCall.cancelContract(contract: 9)

    private func key(_ scheme: KeyScheme = .sr25519) throws -> KeyPair {
        try KeyPair(secretURI: "//user", scheme: scheme)
    }

    private func settings(_ change: (inout ChainSettings) -> Void = { _ in }) -> ChainSettings {
        var settings = FakeEndpoint.quick
        settings.searchFor = .seconds(60)
        change(&settings)
        return settings
    }

    private func parse(_ bytes: [UInt8]) throws -> ReceivedExtrinsic {
        try FakeChain.runtime.get().extrinsic(parsing: bytes)
    }

    @Test(
        "is signed for this chain, mortal from the finalised head, and answered when it is in a block",
        arguments: KeyScheme.allCases)
    func applied(scheme: KeyScheme) async throws {
        let chain = try FakeChain()
        try chain.grow(by: 70)
        chain.leaveUnfinalised(2)
        let endpoint = try await FakeEndpoint(chain)
        let (key, call) = (try key(scheme), call)
        try await FakeEndpoint.with([endpoint]) { ledger async throws in
            let receipt = try await ledger.submit(call, by: key)
            #expect(receipt.block.number == 71 && receipt.extrinsic == 1)
            #expect(receipt.block.hash.bytes == chain.block(71)?.hash)
            #expect(receipt.contract?.id == 9 && receipt.events.count == 1)
        }
        let sent = try parse(try #require(endpoint.submitted.withLock { $0.first }))
        let signed = try #require(sent.signed)
        #expect(sent.call == call.runtimeCall)
        #expect(signed.account == key.publicKey && signed.scheme == scheme && signed.nonce == 0 && signed.tip == 0)
        #expect(signed.era == .mortal(period: 64, phase: 4))
        #expect(
            try FakeChain.runtime.get().isValid(
                sent, genesisHash: chain.genesis, specVersion: 149, transactionVersion: 2,
                eraHash: try #require(chain.block(68)?.hash)))
    }

    @Test("that fails on the chain carries the chain's name of the error")
    func failed() async throws {
        let chain = try FakeChain()
        let endpoint = try await FakeEndpoint(chain)
        endpoint.change { $0.calls = [.fail(LedgerError(.contracts, "ContractNotExists"))] }
        let (key, call) = (try key(), call)
        try await FakeEndpoint.with([endpoint]) { ledger async throws in
            let failure = await #expect(throws: CallFailure.self) { try await ledger.submit(call, by: key) }
            #expect(failure == .failed(error: LedgerError(.contracts, "ContractNotExists"), block: 1))
        }
    }

    @Test("whose nonce was taken is signed again with the next one")
    func usedNonce() async throws {
        let chain = try FakeChain()
        let endpoint = try await FakeEndpoint(chain)
        endpoint.change {
            $0.calls = [
                .refuse(RPCFailure(code: 1010, message: "Invalid Transaction", data: "Transaction is outdated")),
                .refuse(RPCFailure(code: 1014, message: "Priority is too low")),
                .statuses([["usurped": .string(HexText.encode([UInt8](repeating: 1, count: 32)))]]),
            ]
        }
        let (key, call) = (try key(), call)
        try await FakeEndpoint.with([endpoint]) { ledger async throws in
            #expect(try await ledger.submit(call, by: key).block.number == 1)
        }
        #expect(endpoint.submitted.withLock { $0.count } == 4)
        #expect(endpoint.count("system_accountNextIndex") == 4)
    }

    /// What the endpoint says at the door, and what becomes of it.
    private static let refusals: [(Int64, String, CallRefusal.Code)] = [
        (1010, "Inability to pay some fees (e.g. account balance too low)", .payment),
        (1010, "Transaction has a bad signature", .badProof), (1012, "Transaction is temporarily banned", .malformed),
        (1016, "Immediately Dropped", .poolFull),
    ]

    @Test("that is refused at the door is not sent again", arguments: refusals)
    func refused(code: Int64, text: String, expected: CallRefusal.Code) async throws {
        let chain = try FakeChain()
        let endpoint = try await FakeEndpoint(chain)
        endpoint.change { $0.calls = [.refuse(RPCFailure(code: code, message: "Invalid Transaction", data: text))] }
        let (key, call) = (try key(), call)
        try await FakeEndpoint.with([endpoint]) { ledger async throws in
            let failure = await #expect(throws: CallFailure.self) { try await ledger.submit(call, by: key) }
            guard case .refused(let refusal) = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            #expect(refusal.code == expected && refusal.message.contains(text))
        }
        #expect(endpoint.submitted.withLock { $0.count } == 1)
    }

    @Test("that is dropped or invalid is refused", arguments: ["dropped", "invalid"])
    func dropped(status: String) async throws {
        let chain = try FakeChain()
        let endpoint = try await FakeEndpoint(chain)
        endpoint.change { $0.calls = [.statuses(["future", ["retracted": "0x00"], .string(status)])] }
        let (key, call) = (try key(), call)
        try await FakeEndpoint.with([endpoint]) { ledger async throws in
            let failure = await #expect(throws: CallFailure.self) { try await ledger.submit(call, by: key) }
            guard case .refused = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
        }
    }

    @Test("whose news are lost is found in the blocks, and sent once", arguments: [false, true])
    func lostNews(isConnectionLost: Bool) async throws {
        let chain = try FakeChain()
        try chain.grow(by: 5)
        chain.leaveUnfinalised(2)
        let (first, second) = (try await FakeEndpoint(chain), try await FakeEndpoint(chain))
        first.change { $0.calls = [isConnectionLost ? .applyAndDrop : .applySilently] }
        let settings = settings { $0.statusTimeout = .milliseconds(500) }
        let (key, call) = (try key(), call)
        try await FakeEndpoint.with([first, second], settings: settings) { ledger async throws in
            let receipt = try await ledger.submit(call, by: key)
            #expect(receipt.block.number == 6 && receipt.contract?.id == 9)
        }
        #expect(first.submitted.withLock { $0.count } + second.submitted.withLock { $0.count } == 1)
    }

    @Test("that the endpoint knows already is watched for its effect")
    func known() async throws {
        let chain = try FakeChain()
        let endpoint = try await FakeEndpoint(chain)
        endpoint.change { $0.calls = [.refuse(RPCFailure(code: 1013, message: "Transaction already imported"))] }
        let (key, call) = (try key(), call)
        try await FakeEndpoint.with([endpoint], settings: settings()) { ledger async throws in
            async let receipt = ledger.submit(call, by: key)
            while endpoint.submitted.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(2)) }
            let bytes = endpoint.submitted.withLock { $0[0] }
            try chain.grow(
                [EventRecord(extrinsic: 1, event: .extrinsicSuccess)], extrinsics: [bytes])
            #expect(try await receipt.block.number == 1)
        }
        #expect(endpoint.submitted.withLock { $0.count } == 1)
    }

    @Test("whose outcome stays unknown is told so, and not sent twice")
    func unknown() async throws {
        let chain = try FakeChain()
        let endpoint = try await FakeEndpoint(chain)
        endpoint.change { $0.calls = [.statuses([["finalityTimeout": "0x00"]])] }
        let settings = settings { $0.searchFor = .milliseconds(200) }
        let (key, call) = (try key(), call)
        try await FakeEndpoint.with([endpoint], settings: settings) { ledger async throws in
            let failure = await #expect(throws: CallFailure.self) { try await ledger.submit(call, by: key) }
            guard case .unavailable = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
        }
        #expect(endpoint.submitted.withLock { $0.count } == 1)
    }

    @Test("that expired without being in a block is signed anew")
    func expired() async throws {
        let chain = try FakeChain()
        let endpoint = try await FakeEndpoint(chain)
        endpoint.change { $0.calls = [.statuses([["finalityTimeout": "0x00"]])] }
        let (key, call) = (try key(), call)
        try await FakeEndpoint.with([endpoint], settings: settings()) { ledger async throws in
            async let receipt = ledger.submit(call, by: key)
            while endpoint.submitted.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(2)) }
            try chain.grow(by: 64)
            #expect(try await receipt.block.number == 65)
        }
        #expect(endpoint.submitted.withLock { $0.count } == 2)
    }

    @Test("of one account go one at a time, each with its own nonce")
    func oneAtATime() async throws {
        let chain = try FakeChain()
        let endpoint = try await FakeEndpoint(chain)
        let (key, call) = (try key(), call)
        try await FakeEndpoint.with([endpoint]) { ledger async throws in
            try await withThrowingTaskGroup(of: UInt32.self) { group in
                for _ in 0..<12 { group.addTask { try await ledger.submit(call, by: key).block.number } }
                var blocks: Set<UInt32> = []
                for try await block in group { blocks.insert(block) }
                #expect(blocks == Set(1...12))
            }
        }
        let nonces = try endpoint.submitted.withLock { $0 }.map { try parse($0).signed?.nonce }
        #expect(nonces == (0..<12).map { $0 })
    }

    @Test("is signed for the new runtime, with moved indices, after an upgrade")
    func upgraded() async throws {
        let chain = try FakeChain()
        let endpoint = try await FakeEndpoint(chain)
        let (key, call) = (try key(), call)
        try await FakeEndpoint.with([endpoint]) { ledger async throws in
            _ = try await ledger.submit(call, by: key)
            try chain.grow(upgrade: (150, try MovedRuntime.bytes()))
            _ = try await ledger.submit(call, by: key)
        }
        let sent = endpoint.submitted.withLock { $0 }
        let (before, after) = (try FakeChain.runtime.get(), try chain.metadata(150))
        #expect(try before.extrinsic(parsing: sent[0]).call == call.runtimeCall)
        #expect(try after.extrinsic(parsing: sent[1]).call == call.runtimeCall)
        #expect(try before.extrinsic(parsing: sent[0]).callBytes != after.extrinsic(parsing: sent[1]).callBytes)
    }
}
