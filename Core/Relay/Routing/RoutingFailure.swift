import RMB

/// Why an envelope was not passed on, in the words of the grid's relays (docs/spec/rmb-relay.md section 6).
enum RoutingFailure: Error, Sendable, Equatable {
    case wrongSource
    case missingDestination
    case unknownTwin
    case noRelay
    case offline
    case rateLimit
    case expired
    case notRouted(RelayAddress, why: String)
    case rejected(String)

    var text: String {
        switch self {
        case .wrongSource: "message wrong source"
        case .missingDestination: "message with missing destination"
        case .unknownTwin: "unknown twin destination"
        case .noRelay: "relay info is not set for this twin"
        case .offline: "destination offline"
        case .rateLimit: "exceeded rate limits, dropping message"
        case .expired: "message has expired"
        case .notRouted(let peer, let why): "failed to route message to peer '\(peer)': \(why)"
        case .rejected(let why): "remote relay rejected permanently: \(why)"
        }
    }
}
