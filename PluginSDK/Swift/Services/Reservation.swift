/// A value that is taken.
public struct Reservation: Sendable, Hashable {
    public let value: String
    public let owner: String

    public init(value: String, owner: String) {
        self.value = value
        self.owner = owner
    }
}
