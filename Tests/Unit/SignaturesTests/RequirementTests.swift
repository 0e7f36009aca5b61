import Signatures
import Synchronization
import Testing

/// Keys in a dictionary; `current` answers from another one, as a ledger whose keys changed would.
final class FakeTwinKeys: TwinKeys {
    private let remembered: [UInt32: PublicKey]
    private let current: [UInt32: PublicKey]
    private let outage: String?
    let refreshes = Atomic<Int>(0)

    init(_ remembered: [UInt32: PublicKey], current: [UInt32: PublicKey]? = nil, outage: String? = nil) {
        self.remembered = remembered
        self.current = current ?? remembered
        self.outage = outage
    }

    func publicKey(of twin: UInt32, freshness: KeyFreshness) async -> KeyLookup {
        if let outage { return .unavailable(outage) }
        if freshness == .current { refreshes.add(1, ordering: .relaxed) }
        return (freshness == .current ? current : remembered)[twin].map(KeyLookup.found) ?? .absent
    }
}

@Suite("Signature requirement")
struct RequirementTests {
    private let hash = [UInt8](0..<16)
    private let owner = KeyPair.generate(scheme: .ed25519)
    private let friend = KeyPair.generate(scheme: .sr25519)
    private var keys: FakeTwinKeys { FakeTwinKeys([1: owner.publicKey, 2: friend.publicKey]) }

    private func signed(
        _ requests: [SignatureRequest], weight: UInt64, style: String = ""
    ) -> SignatureRequirement {
        var requirement = SignatureRequirement(requests: requests, weightRequired: weight, style: style)
        requirement.sign(hash: hash, as: 1, with: owner)
        requirement.sign(hash: hash, as: 2, with: friend)
        return requirement
    }

    private func code(of requirement: SignatureRequirement, keys: FakeTwinKeys? = nil) async -> SignatureError.Code? {
        do {
            try await requirement.verify(owner: 1, hash: hash, keys: keys ?? self.keys)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("both signers of both schemes are accepted in either style", arguments: ["", "polka-wallet", "Polka-Wallet"])
    func styles(style: String) async {
        let requirement = signed([.init(twin: 1), .init(twin: 2)], weight: 2, style: style)
        #expect(await code(of: requirement) == nil)
    }

    @Test("signing again replaces the text and keeps one entry")
    func resigning() async {
        var requirement = SignatureRequirement.owner(1)
        requirement.sign(hash: [UInt8](repeating: 0, count: 16), as: 1, with: owner)
        #expect(await code(of: requirement) == .badSignature)
        requirement.sign(hash: hash, as: 1, with: owner)
        #expect(requirement.signatures.count == 1)
        #expect(await code(of: requirement) == nil)
    }

    @Test("weights that overflow reach nothing")
    func weightOverflow() async {
        let requests = [
            SignatureRequest(twin: 1, weight: .max), SignatureRequest(twin: 2, weight: 5),
        ]
        #expect(await code(of: signed(requests, weight: 4)) == .weightNotReached)
        #expect(await code(of: signed(requests, weight: 0)) == .weightNotReached)
    }

    @Test("a twin that is requested twice is refused")
    func repeatedRequest() async {
        let requests = [SignatureRequest(twin: 1), SignatureRequest(twin: 1)]
        #expect(await code(of: signed(requests, weight: 2)) == .repeatedRequest)
        #expect(await code(of: signed(requests, weight: 3)) == .weightNotReached)
    }

    @Test("an absurd number of requests is refused before any key is asked for")
    func requestLimit() async {
        let requests = [SignatureRequest](repeating: SignatureRequest(twin: 1), count: 257)
        #expect(await code(of: signed(requests, weight: 1)) == .tooManyRequests)
    }

    @Test("a ledger that cannot be asked is no verdict, and may be retried")
    func outage() async {
        let requirement = signed([.init(twin: 1)], weight: 1)
        let error = await #expect(throws: SignatureError.self) {
            try await requirement.verify(owner: 1, hash: hash, keys: FakeTwinKeys([:], outage: "no route"))
        }
        #expect(error?.code == .keyUnavailable)
        #expect(error?.isRetryable == true)
        #expect(error?.message == "failed to get public key for twin '1': no route")
    }

    @Test("a changed account key is honoured after one more look, and only one")
    func changedKey() async {
        let requirement = signed([.init(twin: 1)], weight: 1)
        let changed = FakeTwinKeys([1: friend.publicKey], current: [1: owner.publicKey])
        #expect(await code(of: requirement, keys: changed) == nil)
        #expect(changed.refreshes.load(ordering: .relaxed) == 1)
        let wrong = FakeTwinKeys([1: friend.publicKey])
        #expect(await code(of: requirement, keys: wrong) == .badSignature)
        #expect(wrong.refreshes.load(ordering: .relaxed) == 1)
    }

    @Test("overlong signatures are refused for both schemes without asking the ledger again", arguments: [1, 2])
    func overlong(twin: UInt32) async {
        var requirement = signed([.init(twin: 1), .init(twin: 2)], weight: 2)
        for index in requirement.signatures.indices where requirement.signatures[index].twin == twin {
            requirement.signatures[index].signature += "00"
        }
        let keys = keys
        #expect(await code(of: requirement, keys: keys) == .badSignature)
        #expect(keys.refreshes.load(ordering: .relaxed) == 0)
    }
}
