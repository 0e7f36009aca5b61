/// Frames that the filter of an address has dropped for one reason.
struct Drops: Codable, Sendable, Hashable {
    let reason: String
    let packets: UInt64
    let bytes: UInt64
}
