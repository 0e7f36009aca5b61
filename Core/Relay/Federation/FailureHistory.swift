/// How often each other relay failed in the last hour, to try the best first (docs/spec/rmb-relay.md section 6).
struct FailureHistory {
    /// Seconds for which a failure counts.
    static let window: UInt64 = 3600
    /// Failures remembered of one relay: more say nothing more.
    private static let failureLimit = 256
    /// Relays remembered.
    private static let relayLimit = 4096

    private var failures: [String: [UInt64]] = [:]

    mutating func failed(_ relay: String, at now: UInt64) {
        if failures[relay] == nil, failures.count >= Self.relayLimit {
            failures = failures.filter { $0.value.contains { Self.counts($0, at: now) } }
            guard failures.count < Self.relayLimit else { return }
        }
        var times = (failures[relay] ?? []).filter { Self.counts($0, at: now) }
        if times.count >= Self.failureLimit { times.removeFirst() }
        failures[relay] = times + [now]
    }

    func count(_ relay: String, at now: UInt64) -> Int {
        (failures[relay] ?? []).count { Self.counts($0, at: now) }
    }

    /// Fewest failures first; equal ones in random order.
    func order(_ relays: [String], at now: UInt64, using random: inout some RandomNumberGenerator) -> [String] {
        relays.shuffled(using: &random)
            .map { (relay: $0, failures: count($0, at: now)) }
            .sorted { $0.failures < $1.failures }
            .map(\.relay)
    }

    private static func counts(_ time: UInt64, at now: UInt64) -> Bool { time > now || now - time < window }
}
