import Signatures

/// An extrinsic as somebody sent it, or as it stands in a block.
public struct ReceivedExtrinsic: Sendable, Hashable {
    /// Who signed it and what else was sent; nil for what the chain puts into a block itself.
    public let signed: Signed?
    public let call: RuntimeCall
    public let callBytes: [UInt8]
    /// BLAKE2b-256 of the whole, as the chain counts it.
    public let hash: [UInt8]

    public struct Signed: Sendable, Hashable {
        public let account: PublicKey
        public let scheme: KeyScheme
        public let signature: [UInt8]
        public let era: ExtrinsicEra
        public let nonce: UInt64
        public let tip: UInt128
        /// All sent parts of the signed extensions.
        public let extra: [UInt8]
    }
}

extension RuntimeMetadata {
    /// Longer ones are in no block.
    static let maxExtrinsicBytes = 5 << 20

    /// Reads an extrinsic with the length before it. Its signature is not checked: see `isValid`.
    /// - Throws: `malformed`; `unsupportedRuntime` for an account that is no plain key or a signature of a third scheme.
    public func extrinsic(parsing bytes: [UInt8]) throws(SubstrateError) -> ReceivedExtrinsic {
        guard bytes.count <= Self.maxExtrinsicBytes else {
            throw SubstrateError(.tooLarge, "an extrinsic of \(bytes.count) bytes")
        }
        var decoder = ScaleDecoder(registry, ScaleReader(bytes))
        let length = try decoder.reader.count()
        guard length == decoder.reader.remaining else {
            throw decoder.reader.malformed("the extrinsic says \(length) bytes, \(decoder.reader.remaining) are there")
        }
        let version = try decoder.reader.byte()
        guard version & 0x7f == extrinsic.version, version & 0x7f == 4 else {
            throw decoder.reader.malformed("extrinsics of version \(version & 0x7f) are not supported")
        }
        let signed = version & 0x80 == 0 ? nil : try self.signed(&decoder, bytes)
        let start = decoder.reader.offset
        let call = try self.call(&decoder)
        try decoder.reader.finish()
        return ReceivedExtrinsic(
            signed: signed, call: call, callBytes: Array(bytes[start...]), hash: Sodium.blake2b(bytes, length: 32))
    }

    private func signed(
        _ decoder: inout ScaleDecoder, _ bytes: [UInt8]
    ) throws(SubstrateError) -> ReceivedExtrinsic.Signed {
        let form = try signedForm()
        guard case ("Id", let account) = try decoder.value(of: form.address).chosen(),
            let key = try? PublicKey(bytes: try account.byteArray())  // Refused below.
        else { throw decoder.reader.malformed("only accounts that are keys can sign here") }
        let (schemeName, signature) = try decoder.value(of: form.signature).chosen()
        guard let scheme = KeyScheme.allCases.first(where: { $0.variantName == schemeName }) else {
            throw decoder.reader.malformed("signatures of scheme \(schemeName) are not supported")
        }
        let start = decoder.reader.offset
        var era = ExtrinsicEra.immortal
        var nonce: UInt64 = 0
        var tip: UInt128 = 0
        for entry in extrinsic.extensions {
            switch entry.name {
            case "CheckMortality": era = try ExtrinsicEra(&decoder.reader)
            case "CheckNonce": nonce = try decoder.value(of: entry.extra).integer()
            case "ChargeTransactionPayment": tip = try decoder.value(of: entry.extra).integer()
            default: _ = try decoder.value(of: entry.extra)
            }
        }
        return ReceivedExtrinsic.Signed(
            account: key, scheme: scheme, signature: try signature.byteArray(), era: era, nonce: nonce, tip: tip,
            extra: Array(bytes[start..<decoder.reader.offset]))
    }

    /// Whether the signature is one of this call, on this chain, with exactly the sent parts.
    /// - Parameters:
    ///   - eraHash: the hash of the first block of the extrinsic's era, as this chain has it.
    public func isValid(
        _ extrinsic: ReceivedExtrinsic, genesisHash: [UInt8], specVersion: UInt32, transactionVersion: UInt32,
        eraHash: [UInt8]
    ) throws(SubstrateError) -> Bool {
        guard let signed = extrinsic.signed else { return false }
        let context = SigningContext(
            genesisHash: genesisHash, specVersion: specVersion, transactionVersion: transactionVersion,
            nonce: signed.nonce, era: signed.era, eraHash: eraHash, tip: signed.tip)
        let payload = try payload(extrinsic.callBytes, context)
        guard payload.extra == signed.extra else { return false }
        return signed.account.isValid(signed.signature, for: payload.toSign, scheme: signed.scheme)
    }
}
