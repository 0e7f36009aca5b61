/// One twin that a deployment wants a signature of (`docs/spec/deployment.md` section 8).
public struct SignatureRequest: Sendable, Hashable {
    public var twin: UInt32
    /// Only changes which error a missing signature gives: in effect every requested twin must sign.
    public var isRequired: Bool
    public var weight: UInt64

    public init(twin: UInt32, isRequired: Bool = false, weight: UInt64 = 1) {
        self.twin = twin
        self.isRequired = isRequired
        self.weight = weight
    }
}
