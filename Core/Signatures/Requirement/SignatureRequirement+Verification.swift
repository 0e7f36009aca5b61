extension SignatureRequirement {
    /// Most requests that are looked at; each may cost a ledger query and a verification.
    static let requestLimit = 256

    /// Checks the requirement by the procedure of `docs/spec/deployment.md` section 8. Requests are taken in order and
    /// the first failure is the answer.
    ///
    /// Stricter than the reference where its vectors allow it: weights never wrap, no twin may be requested twice, and
    /// signatures have exactly 64 bytes. A signature that does not match is tried once more with a key asked anew.
    /// - Parameters:
    ///   - owner: the deployment's twin.
    ///   - hash: the 16 bytes of the challenge hash.
    /// - Throws: the classes of section 12 with the texts of section 13; `keyUnavailable`, which may be retried.
    public func verify(owner: UInt32, hash: [UInt8], keys: some TwinKeys) async throws(SignatureError) {
        guard requests.count <= Self.requestLimit else {
            throw SignatureError(
                .tooManyRequests, "\(requests.count) signature requests, at most \(Self.requestLimit) are allowed")
        }
        let message = message(hash: hash)
        var checked: Set<UInt32> = []
        var repeated: UInt32?
        var weight = WeightSum()
        for request in requests {
            if checked.contains(request.twin) {
                // The same signature again: it was good, so only its weight is new.
                repeated = repeated ?? request.twin
            } else {
                try await verify(request, owner: owner, message: message, keys: keys)
                checked.insert(request.twin)
            }
            weight.add(request.weight)
        }
        guard checked.contains(owner) else {
            throw SignatureError(
                .originatorNotRequested, "originator twin id must be in the signature requests")
        }
        guard weight.reaches(weightRequired) else {
            throw SignatureError(.weightNotReached, "required signature weight is not reached")
        }
        if let repeated {
            throw SignatureError(.repeatedRequest, "signature of twin '\(repeated)' is requested more than once")
        }
    }

    private func verify(
        _ request: SignatureRequest, owner: UInt32, message: [UInt8], keys: some TwinKeys
    ) async throws(SignatureError) {
        let signature = signatures.first { $0.twin == request.twin }
        if signature == nil && (request.isRequired || request.twin == owner) {
            throw SignatureError(
                .missingRequiredSignature, "missing required signature for twin '\(request.twin)'")
        }
        let key = try await key(of: request.twin, freshness: .remembered, keys: keys)
        let bytes: [UInt8]
        do { bytes = try Hex.decode(signature?.signature ?? "") } catch {
            throw SignatureError(.badSignatureHex, "invalid signature: \(error)")
        }
        let scheme = KeyScheme(signatureType: signature?.type ?? "")
        if key.isValid(bytes, for: message, scheme: scheme) { return }
        // A wrong length fails with any key; it must not cost a ledger query.
        if bytes.count == 64 {
            let current = try await self.key(of: request.twin, freshness: .current, keys: keys)
            if current != key && current.isValid(bytes, for: message, scheme: scheme) { return }
        }
        throw SignatureError(.badSignature, "failed to verify signature")
    }

    private func key(
        of twin: UInt32, freshness: KeyFreshness, keys: some TwinKeys
    ) async throws(SignatureError) -> PublicKey {
        let failure = "failed to get public key for twin '\(twin)': "
        switch await keys.publicKey(of: twin, freshness: freshness) {
        case .found(let key): return key
        case .absent: throw SignatureError(.unknownTwin, failure + "unknown twin")
        case .unavailable(let cause): throw SignatureError(.keyUnavailable, failure + cause, isRetryable: true)
        }
    }
}

/// A sum that never wraps. Once it would, it reaches nothing: such weights are not meant honestly.
private struct WeightSum {
    private var sum: UInt64? = 0

    mutating func add(_ weight: UInt64) {
        sum = sum.flatMap { sum in
            let (total, overflow) = sum.addingReportingOverflow(weight)
            return overflow ? nil : total
        }
    }

    func reaches(_ required: UInt64) -> Bool { sum.map { $0 >= required } ?? false }
}
