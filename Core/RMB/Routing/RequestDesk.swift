import Synchronization

/// Answers the requests of either transport: one router, one limit per twin.
public final class RequestDesk: Sendable {
    /// What a request comes to.
    public enum Answer: Sendable, Equatable {
        /// JSON.
        case result([UInt8])
        case failure(String)
    }

    static let tooLarge = Answer.failure("the result is too large to be sent")

    public let router: Router
    private let requestsPerTwin: Int
    private let underWay = Mutex<[UInt32: Int]>([:])

    /// - Parameter requestsPerTwin: requests of one twin that are answered at the same time.
    public init(router: Router, requestsPerTwin: Int = 64) {
        self.router = router
        self.requestsPerTwin = requestsPerTwin
    }

    /// Takes one of the twin's places, to be given back with `end`.
    /// - Throws: `queueFull`.
    func begin(_ twin: UInt32) throws(RMBError) {
        let isFree = underWay.withLock { underWay in
            guard underWay[twin, default: 0] < requestsPerTwin else { return false }
            underWay[twin, default: 0] += 1
            return true
        }
        guard isFree else { throw Responder.queueFull }
    }

    func end(_ twin: UInt32) {
        underWay.withLock { underWay in
            let left = underWay[twin, default: 1] - 1
            underWay[twin] = left > 0 ? left : nil
        }
    }

    func answer(_ request: RMBRequest) async -> Answer {
        do {
            return .result(Array(try await router.answer(request).text.utf8))
        } catch is CancellationError {
            return .failure("the node is stopping, try again")
        } catch {
            return .failure(String(describing: error))
        }
    }
}
