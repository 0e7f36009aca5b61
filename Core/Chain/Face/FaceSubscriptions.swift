import Synchronization

/// The subscriptions of one connection.
final class FaceSubscriptions: Sendable {
    enum Kind: String, Sendable {
        case finalizedHeads = "chain_finalizedHead"
        case newHeads = "chain_newHead"
        case runtimeVersion = "state_runtimeVersion"
        case extrinsic = "author_extrinsicUpdate"
    }

    /// Subscriptions of one connection at a time.
    private static let limit = 64

    private struct State {
        var active: [String: Kind] = [:]
        var next: UInt64 = 0
    }

    private let state = Mutex(State())

    /// A new subscription's id; nil when there are too many.
    func begin(_ kind: Kind) -> String? {
        state.withLock { state in
            guard state.active.count < Self.limit else { return nil }
            state.next += 1
            let id = "zos-\(state.next)"
            state.active[id] = kind
            return id
        }
    }

    func isActive(_ id: String) -> Bool { state.withLock { $0.active[id] != nil } }

    /// False if there is no such subscription of that kind.
    @discardableResult
    func end(_ id: String, _ kind: Kind) -> Bool {
        state.withLock { state in
            guard state.active[id] == kind else { return false }
            state.active[id] = nil
            return true
        }
    }
}
