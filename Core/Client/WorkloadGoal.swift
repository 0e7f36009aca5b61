import Deployments

/// What a client waits for one workload to become.
public struct WorkloadGoal: Sendable, Hashable {
    public enum State: Sendable, Hashable {
        /// Running in at least this version of the workload.
        case running(version: UInt32)
        case removed
    }

    public let name: String
    public let state: State

    public init(_ name: String, _ state: State) {
        self.name = name
        self.state = state
    }

    /// Where the workload stands, judged by its history.
    enum Verdict: Equatable {
        case pending
        case reached
        case failed(String)
    }

    /// Looks at the newest change that counts.
    /// - Parameter start: changes before this place of the history happened before what is waited for.
    func verdict(_ history: [Workload], from start: Int) -> Verdict {
        let changes = history.dropFirst(start).filter { $0.name.utf8.elementsEqual(name.utf8) }
        switch state {
        case .removed:
            guard let last = changes.last else { return .pending }
            return last.result.state == .deleted ? .reached : .pending
        case .running(let version):
            guard let last = changes.last(where: { $0.version >= version }) else { return .pending }
            switch last.result.state {
            case .ok, .paused: return .reached
            case .error, .unchanged, .deleted:
                let reason = last.result.message.isEmpty ? "no reason given" : last.result.message
                return .failed("\(last.type) '\(name)' is \(last.result.state): \(reason)")
            default: return .pending
            }
        }
    }
}
