import RMB

/// Decides who may connect (docs/spec/rmb-relay.md section 4).
struct TokenDoor: Sendable {
    /// The outcome of a try to connect.
    enum Admission: Sendable {
        case admitted(RelayAddress)
        case refused(DoorReply)
    }

    /// Seconds that a token may still be good for. The reference has no limit; peers of it make tokens for 60 and 300
    /// seconds. Tokens end in logs, and one that is good for ever is a password.
    static let longestLife: Int64 = 3600

    let directory: RelayTwins
    let clock: WallClock

    /// - Parameter query: the whole query string of the address; nil if there was none.
    func admit(_ query: String?) async -> Admission {
        guard let query, !query.isEmpty else { return .refused(DoorReply(400, "missing jwt")) }
        do throws(RMBError) {
            let now = clock()
            let token = try RelayToken(parsing: query)
            guard !token.isExpired(at: now) else { throw RMBError(.tooOld, "jwt has expired") }
            guard token.expires <= now.seconds + Self.longestLife else {
                throw RMBError(.tooEarly, "jwt: it is good for more than \(Self.longestLife) seconds")
            }
            switch await directory.twin(token.address.twin, at: UInt64(clamping: now.seconds)) {
            case .found(let twin): try token.verify(by: twin.account.key, at: now)
            case .absent: return .refused(DoorReply(401, "twin not found \(token.address.twin)"))
            case .unavailable(let why): return .refused(DoorReply(500, "failed to get twin: \(why)"))
            }
            return .admitted(token.address)
        } catch {
            return .refused(DoorReply(401, "invalid jwt: \(error.message)"))
        }
    }
}
