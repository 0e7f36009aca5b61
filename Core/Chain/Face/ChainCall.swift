import Contracts
import Substrate

/// A call that came as a signed extrinsic, checked by the rules of the chain.
struct ChainCall: ProvenCall {
    let account: AccountID
    let nonce: UInt32
    let call: LedgerCall
    let tip: UInt64
    let form: BlockExtrinsic
    /// BLAKE2b-256 of the whole.
    let hash: HexBytes
    private let received: ReceivedExtrinsic
    private let era: ExtrinsicEra
    private let runtime: EmbeddedRuntime

    /// Reads an extrinsic with its length in front. The signature is not checked yet.
    /// - Throws: `malformed`; `unknownCall` for one that is none of the ledger's; `badProof` if nobody signed it.
    init(_ bytes: [UInt8], runtime: EmbeddedRuntime) throws(CallRefusal) {
        do throws(SubstrateError) {
            received = try runtime.metadata.extrinsic(parsing: bytes)
        } catch {
            throw CallRefusal(.malformed, "the extrinsic cannot be read: \(error)")
        }
        guard let signed = received.signed else {
            throw CallRefusal(.unknownCall, "only signed extrinsics are taken")
        }
        account = AccountID(signed.account)
        guard let nonce = UInt32(exactly: signed.nonce) else {
            throw CallRefusal(.future, "nonce \(signed.nonce) is out of an account's reach")
        }
        self.nonce = nonce
        tip = UInt64(clamping: signed.tip)
        era = signed.era
        form = .encoded(bytes)
        hash = HexBytes(received.hash)
        self.runtime = runtime
        do throws(SubstrateError) {
            guard let call = try LedgerCall(received.call) else {
                throw SubstrateError(.unsupportedRuntime, "there is no such call here")
            }
            self.call = call
        } catch {
            throw CallRefusal(.unknownCall, "\(received.call.pallet).\(received.call.name): \(error.message)")
        }
    }

    func verify(in context: ProofContext) throws(CallRefusal) -> UInt32? {
        var eraHash = context.genesis
        if case .mortal = era {
            let first = era.firstBlock(at: UInt64(context.number))
            // A block that is no longer kept, or not made yet, was not signed.
            guard let number = UInt32(exactly: first), number < context.number, let hash = context.hash(number) else {
                throw CallRefusal(.badProof, "the extrinsic's era begins with block \(first), which is not known")
            }
            eraHash = hash
        }
        do throws(SubstrateError) {
            let isValid = try runtime.metadata.isValid(
                received, genesisHash: context.genesis.bytes, specVersion: runtime.version.specVersion,
                transactionVersion: runtime.version.transactionVersion, eraHash: eraHash.bytes)
            guard isValid else {
                throw SubstrateError(.malformed, "the signature is none of this call, ledger, version and time")
            }
        } catch {
            throw CallRefusal(.badProof, error.message)
        }
        return era.end(at: UInt64(context.number)).map { UInt32(clamping: $0 - 1) }
    }
}
