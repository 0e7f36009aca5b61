import JSON
import Signatures
import Testing

@testable import Contracts

@Suite("Signed call")
struct SignedCallTests {
    private let genesis = HexBytes([UInt8](repeating: 7, count: 32))

    private func context(_ genesis: HexBytes) -> ProofContext {
        ProofContext(genesis: genesis, number: 1) { _ in nil }
    }

    @Test("survives the way over the socket", arguments: KeyScheme.allCases)
    func roundTrip(scheme: KeyScheme) throws {
        let key = try KeyPair(secretURI: "//Alice", scheme: scheme)
        let hash = try #require(ContractHash(text: "0123456789abcdef0123456789abcdef"))
        let call = LedgerCall.createNodeContract(
            node: 1, hash: hash, data: HexBytes([1, 2]), publicIPs: 1, solutionProvider: nil)
        let signed = try SignedCall(call, nonce: 3, genesis: genesis, key: key)
        let received = try SignedCall(JSONValue(parsing: signed.json.text))
        #expect(received == signed)
        _ = try received.verify(in: context(genesis))
    }

    @Test("a changed call, another account or another ledger is a bad proof")
    func tampering() throws {
        let key = try KeyPair(secretURI: "//Alice", scheme: .ed25519)
        let signed = try SignedCall(.cancelContract(contract: 1), nonce: 0, genesis: genesis, key: key)
        let text = signed.json.text
        let other = text.replacing(#""contract":1"#, with: #""contract":2"#)
        #expect(other != text)
        #expect(throws: CallRefusal.self) {
            _ = try SignedCall(JSONValue(parsing: other)).verify(in: context(genesis))
        }
        #expect(throws: CallRefusal.self) {
            _ = try signed.verify(in: context(HexBytes([UInt8](repeating: 8, count: 32))))
        }
        let mallory = try KeyPair(secretURI: "//Mallory", scheme: .ed25519)
        let forged = text.replacing(signed.account.address, with: AccountID(mallory.publicKey).address)
        #expect(throws: CallRefusal.self) {
            _ = try SignedCall(JSONValue(parsing: forged)).verify(in: context(genesis))
        }
    }
}
