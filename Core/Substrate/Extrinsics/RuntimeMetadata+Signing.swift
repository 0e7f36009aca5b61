import Signatures

/// What an account signs for a call.
public struct SigningPayload: Sendable, Hashable {
    /// The parts of the signed extensions that are sent with the call.
    public let extra: [UInt8]
    /// The parts that are only signed.
    public let additional: [UInt8]
    public let call: [UInt8]

    public var bytes: [UInt8] { call + extra + additional }

    /// What the signature is made of: the payload, or its BLAKE2b-256 when it has more than 256 bytes.
    public var toSign: [UInt8] { bytes.count > 256 ? Sodium.blake2b(bytes, length: 32) : bytes }
}

/// A call as it is sent.
public struct SignedExtrinsic: Sendable, Hashable {
    /// With their length before them.
    public let bytes: [UInt8]

    /// By which the chain and its blocks are searched.
    public var hash: [UInt8] { Sodium.blake2b(bytes, length: 32) }
}

extension RuntimeMetadata {
    /// Walks the runtime's signed extensions (docs/spec/tfchain.md section 8).
    /// - Throws: `cannotSign` for an extension that this program can neither fill in nor leave empty.
    public func payload(_ call: [UInt8], _ context: SigningContext) throws(SubstrateError) -> SigningPayload {
        guard extrinsic.version == 4 else {
            throw SubstrateError(.cannotSign, "the runtime wants extrinsics of version \(extrinsic.version), not 4")
        }
        var extra: [UInt8] = []
        var additional: [UInt8] = []
        for entry in extrinsic.extensions {
            let parts = try parts(of: entry, context)
            extra += parts.extra
            additional += parts.additional
        }
        return SigningPayload(extra: extra, additional: additional, call: call)
    }

    private func parts(
        of entry: ExtrinsicFormat.Extension, _ context: SigningContext
    ) throws(SubstrateError) -> (extra: [UInt8], additional: [UInt8]) {
        do throws(SubstrateError) {
            func extra(_ value: ScaleValue) throws(SubstrateError) -> [UInt8] {
                try registry.encode(value, as: entry.extra)
            }
            func additional(_ value: ScaleValue) throws(SubstrateError) -> [UInt8] {
                try registry.encode(value, as: entry.additional)
            }
            switch entry.name {
            case "CheckSpecVersion": return (try empty(entry.extra), try additional(.number(context.specVersion)))
            case "CheckTxVersion":
                return (try empty(entry.extra), try additional(.number(context.transactionVersion)))
            case "CheckGenesis": return (try empty(entry.extra), try additional(.bytes(context.genesisHash)))
            case "CheckMortality":
                let hash = context.era == .immortal ? context.genesisHash : context.eraHash
                // The era's bytes must be ones of the runtime's own type.
                _ = try registry.decode(context.era.bytes, as: entry.extra)
                return (context.era.bytes, try additional(.bytes(hash)))
            case "CheckNonce": return (try extra(.number(context.nonce)), try empty(entry.additional))
            case "ChargeTransactionPayment": return (try extra(.unsigned(context.tip)), try empty(entry.additional))
            case "CheckMetadataHash":
                // Disabled, and no hash.
                return (try zero(entry.extra), try zero(entry.additional))
            default:
                if registry.isEmpty(entry.extra), registry.isEmpty(entry.additional) { return ([], []) }
                if try registry.type(entry.extra).isOption, try registry.type(entry.additional).isOption {
                    return ([0], [0])
                }
                throw SubstrateError(.cannotSign, "it is not known how to fill it in")
            }
        } catch {
            throw SubstrateError(
                .cannotSign, "this runtime's signed extension \(entry.name) is not supported: \(error.message)")
        }
    }

    private func empty(_ type: UInt32) throws(SubstrateError) -> [UInt8] {
        guard registry.isEmpty(type) else { throw SubstrateError(.cannotSign, "a part of it should be empty") }
        return []
    }

    private func zero(_ type: UInt32) throws(SubstrateError) -> [UInt8] {
        _ = try registry.decode([0], as: type)
        return [0]
    }

    /// Signs a call with a key of either scheme.
    public func sign(
        _ call: [UInt8], _ context: SigningContext, with key: KeyPair
    ) throws(SubstrateError) -> SignedExtrinsic {
        let payload = try payload(call, context)
        return try extrinsic(
            payload, account: key.publicKey, scheme: key.scheme, signature: key.sign(payload.toSign))
    }

    /// Puts a signed call together.
    /// - Parameter signature: 64 bytes over `payload.toSign`.
    public func extrinsic(
        _ payload: SigningPayload, account: PublicKey, scheme: KeyScheme, signature: [UInt8]
    ) throws(SubstrateError) -> SignedExtrinsic {
        let form = try signedForm()
        var body = ScaleWriter()
        body.byte(0x80 | extrinsic.version)
        body.append(try registry.encode(.variant("Id", .bytes(account.bytes)), as: form.address))
        body.append(try registry.encode(.variant(scheme.variantName, .bytes(signature)), as: form.signature))
        body.append(payload.extra)
        body.append(payload.call)
        var whole = ScaleWriter()
        whole.byteSequence(body.bytes)
        return SignedExtrinsic(bytes: whole.bytes)
    }

    /// The types of address and signature, which are parameters of the extrinsic's type.
    func signedForm() throws(SubstrateError) -> (address: UInt32, signature: UInt32) {
        let type = try registry.type(extrinsic.type)
        func parameter(_ name: String) -> UInt32? { type.parameters.first { $0.name == name }?.type }
        guard let address = parameter("Address"), let signature = parameter("Signature") else {
            throw SubstrateError(
                .unsupportedRuntime, "unsupported runtime: its extrinsics have no parameters Address and Signature")
        }
        return (address, signature)
    }
}

extension KeyScheme {
    /// The variant of the runtime's signature enum.
    var variantName: String {
        switch self {
        case .ed25519: "Ed25519"
        case .sr25519: "Sr25519"
        }
    }
}

extension TypeRegistry {
    /// Whether values of a type take no bytes.
    func isEmpty(_ id: UInt32, depth: Int = 0) -> Bool {
        guard depth < 8, Int(id) < types.count else { return false }
        switch types[Int(id)].definition {
        case .composite(let fields): return fields.allSatisfy { isEmpty($0.type, depth: depth + 1) }
        case .tuple(let elements): return elements.allSatisfy { isEmpty($0, depth: depth + 1) }
        default: return false
        }
    }
}
