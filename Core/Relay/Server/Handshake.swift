import RMB
import Synchronization

/// What is known about one connection before it is a session: the outcome of its token, for whoever goes on with it.
final class Handshake: Sendable {
    private let outcome = Mutex<TokenDoor.Admission?>(nil)

    func settle(_ admission: TokenDoor.Admission) { outcome.withLock { $0 = admission } }

    var admitted: RelayAddress? {
        guard case .admitted(let address) = outcome.withLock({ $0 }) else { return nil }
        return address
    }

    var refusal: DoorReply? {
        guard case .refused(let reply) = outcome.withLock({ $0 }) else { return nil }
        return reply
    }
}
