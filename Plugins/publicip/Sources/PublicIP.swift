/// The data of `ip`, which names its families, and of `ipv4`, which has no members
/// (docs/spec/deployment.md section 6.4).
public struct PublicIP: Codable, Sendable, Hashable {
    public var v4: Bool?
    public var v6: Bool?

    public init(v4: Bool? = nil, v6: Bool? = nil) {
        self.v4 = v4
        self.v6 = v6
    }

    /// Without members it is `ipv4`.
    var wantsV4: Bool { v4 ?? (v6 == nil) }
    var wantsV6: Bool { v6 ?? false }
}
