/// A companion that runs now.
public struct CompanionStart: Sendable, Hashable {
    /// False if it ran already.
    public let started: Bool
    public let pid: Int

    public init(started: Bool, pid: Int) {
        self.started = started
        self.pid = pid
    }
}
