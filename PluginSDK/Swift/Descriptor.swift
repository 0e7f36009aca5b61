import Glibc

/// A file descriptor with one owner: closed when the last reference goes.
public final class Descriptor: Sendable {
    /// The number; valid as long as this object lives.
    public let number: Int32

    /// Takes over `number`, which must be open and nobody else's.
    public init(taking number: Int32) { self.number = number }

    deinit { close(number) }
}
