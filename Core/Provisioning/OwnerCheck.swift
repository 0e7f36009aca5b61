/// Asks whether the owner of a deployment may use the network's nodes (docs/spec/node-api.md section 3, identity check).
public protocol OwnerCheck: Sendable {
    /// - Throws: `Refusal`, `.unverified` for a no, `.unavailable` if nobody could say.
    func check(_ twin: UInt32) async throws(Refusal)
}
