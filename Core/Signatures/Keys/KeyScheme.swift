/// The two signature algorithms that accounts of the grid use.
public enum KeyScheme: String, Sendable, CaseIterable {
    case ed25519, sr25519

    /// The scheme that a deployment's `signature_type` selects: `sr25519` in exactly that spelling, else ed25519
    /// (`docs/spec/deployment.md` section 8).
    public init(signatureType: String) {
        self = signatureType.utf8.elementsEqual(KeyScheme.sr25519.rawValue.utf8) ? .sr25519 : .ed25519
    }
}
