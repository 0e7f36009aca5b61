import Synchronization

/// What a relay has done since its start, for `GET /metrics`.
final class RelayFigures: Sendable {
    /// What became of an envelope. One is counted for each that came, and one for each that left.
    enum Fate: String, Sendable, CaseIterable {
        case delivered, stored, federated, refused, expired, limited, malformed, lost
    }

    private let fates = Mutex<[Fate: UInt64]>([:])
    private let connections = Mutex<[String: UInt64]>([:])

    func count(_ fate: Fate, _ number: Int = 1) {
        guard number > 0 else { return }
        fates.withLock { $0[fate, default: 0] &+= UInt64(number) }
    }

    /// Counts a try to connect: `accepted`, or the status that refused it.
    func countConnection(_ outcome: String) { connections.withLock { $0[outcome, default: 0] &+= 1 } }

    func value(_ fate: Fate) -> UInt64 { fates.withLock { $0[fate, default: 0] } }

    /// Prometheus text.
    func text(occupancy: (sessions: Int, envelopes: Int, bytes: Int), federating: Int) -> String {
        let fates = fates.withLock { $0 }
        let connections = connections.withLock { $0 }
        var lines: [String] = []
        func family(_ name: String, _ kind: String, _ help: String, _ samples: [(labels: String, value: UInt64)]) {
            lines += ["# HELP \(name) \(help)", "# TYPE \(name) \(kind)"]
            lines += samples.map { "\(name)\($0.labels) \($0.value)" }
        }
        family(
            "relay_envelopes_total", "counter", "Envelopes by what became of them",
            Fate.allCases.map { ("{fate=\"\($0.rawValue)\"}", fates[$0, default: 0]) })
        family(
            "relay_connections_total", "counter", "Tries to connect by their outcome",
            connections.sorted { $0.key < $1.key }.map { ("{outcome=\"\($0.key)\"}", $0.value) })
        family(
            "relay_sessions_count", "gauge", "Sessions that are connected",
            [("", UInt64(clamping: occupancy.sessions))])
        family(
            "relay_waiting_envelopes_count", "gauge", "Envelopes that wait for sessions",
            [("", UInt64(clamping: occupancy.envelopes))])
        family(
            "relay_waiting_bytes", "gauge", "Bytes of the envelopes that wait for sessions",
            [("", UInt64(clamping: occupancy.bytes))])
        family(
            "relay_federating_envelopes_count", "gauge", "Envelopes on their way to other relays",
            [("", UInt64(clamping: federating))])
        return lines.joined(separator: "\n") + "\n"
    }
}
