import Chain
import Contracts
import JSON
import Signatures
import Substrate

// Calls and signed extrinsics.
extension TfchainVectors {
    mutating func call(_ entry: JSONValue, _ id: String, _ metadata: RuntimeMetadata) throws {
        let call = try call(of: entry, metadata)
        let encoded = try entry.text("encoded")
        tally.check(
            id, "indices", expected: "\(try entry.number("pallet_index")) \(try entry.number("call_index"))",
            got: "\(try metadata.pallet(call.pallet).index) \(try metadata.call(call.pallet, call.name).index)")
        tally.check(id, "bytes", expected: encoded, got: HexText.encode(try metadata.encode(call)))
        let read = try metadata.call(try entry.hexBytes("encoded"))
        tally.check(id, "call", expected: "\(call)", got: "\(read)")
        // The ledger's own calls say the same.
        guard let model = try LedgerCall(read) else { return }
        tally.check(
            id, "bytes of the model", expected: encoded, got: HexText.encode(try metadata.encode(model.runtimeCall)))
    }

    private func call(of entry: JSONValue, _ metadata: RuntimeMetadata) throws -> RuntimeCall {
        let (pallet, name) = (try entry.text("pallet"), try entry.text("call"))
        guard let calls = try metadata.pallet(pallet).calls else { throw VectorError("\(pallet) has no calls") }
        let json = JSONValue.object(JSONObject(members: [JSONMember(key: name, value: entry["args"] ?? .null)]))
        return try RuntimeCall(
            tree: .variant(pallet, try ScaleNotation(registry: metadata.registry).tree(json, as: calls)))
    }

    mutating func extrinsic(_ entry: JSONValue, _ id: String, _ metadata: RuntimeMetadata) throws {
        guard let scheme = KeyScheme(rawValue: try entry.text("scheme")),
            let tip = UInt128(try entry.text("tip"))
        else { throw VectorError("the scheme or the tip is none") }
        let era: ExtrinsicEra =
            entry["era"]?["immortal"]?.boolValue == true
            ? .immortal
            : try ExtrinsicEra(
                period: try (entry["era"] ?? .null).number("period"),
                at: try (entry["era"] ?? .null).number("current_block"))
        let genesis = try entry.hexBytes("genesis_hash")
        let eraHash = try entry.hexBytes("era_block_hash")
        let (spec, version) = (
            try entry.uint32("spec_version"), try entry.uint32("transaction_version")
        )
        let context = SigningContext(
            genesisHash: genesis, specVersion: spec, transactionVersion: version, nonce: try entry.number("nonce"),
            era: era, eraHash: eraHash, tip: tip)
        let call = try metadata.encode(try self.call(of: entry, metadata))
        let payload = try metadata.payload(call, context)
        let key = KeyPair(seed: try Seed(bytes: try entry.hexBytes("seed")), scheme: scheme)
        tally.check(id, "call", expected: try entry.text("call_data"), got: HexText.encode(call))
        tally.check(id, "era", expected: try entry.text("era_encoded"), got: HexText.encode(era.bytes))
        if let first = entry["era"]?["birth_block"]?.uint64Value {
            let block = try (entry["era"] ?? .null).number("current_block")
            tally.check(id, "first block", expected: first.description, got: era.firstBlock(at: block).description)
        }
        tally.check(id, "extra", expected: try entry.text("extra"), got: HexText.encode(payload.extra))
        tally.check(
            id, "additional", expected: try entry.text("additional_signed"), got: HexText.encode(payload.additional))
        tally.check(id, "payload", expected: try entry.text("payload"), got: HexText.encode(payload.bytes))
        tally.check(id, "signed bytes", expected: try entry.text("signed_bytes"), got: HexText.encode(payload.toSign))
        tally.check(
            id, "hashed", expected: entry["payload_is_hashed"]?.boolValue ?? false,
            got: payload.toSign.count != payload.bytes.count)
        tally.check(
            id, "public key", expected: try entry.text("public_key"), got: HexText.encode(key.publicKey.bytes))
        tally.check(id, "signer", expected: try entry.text("signer"), got: SS58.encode(key.publicKey))
        let signature = try entry.hexBytes("signature")
        if entry["signature_is_deterministic"]?.boolValue == true {
            tally.check(
                id, "signature", expected: HexText.encode(signature), got: HexText.encode(key.sign(payload.toSign)))
        }
        let whole = try metadata.extrinsic(payload, account: key.publicKey, scheme: scheme, signature: signature)
        tally.check(id, "extrinsic", expected: try entry.text("extrinsic"), got: HexText.encode(whole.bytes))
        tally.check(id, "hash", expected: try entry.text("extrinsic_hash"), got: HexText.encode(whole.hash))
        let read = try metadata.extrinsic(parsing: try entry.hexBytes("extrinsic"))
        tally.check(id, "call of the extrinsic", expected: HexText.encode(call), got: HexText.encode(read.callBytes))
        tally.check(id, "nonce of the extrinsic", expected: "\(context.nonce)", got: read.signed.map { "\($0.nonce)" })
        tally.check(id, "tip of the extrinsic", expected: "\(tip)", got: read.signed.map { "\($0.tip)" })
        tally.check(id, "era of the extrinsic", expected: "\(era)", got: read.signed.map { "\($0.era)" })
        let isValid = try metadata.isValid(
            read, genesisHash: genesis, specVersion: spec, transactionVersion: version, eraHash: eraHash)
        tally.check(id, "verdict", expected: true, got: isValid)
    }
}
