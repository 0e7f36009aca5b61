import JSON
import RMB

/// Reaches each twin by the way that works: directly where its address is known and answers, else over its relays.
///
/// Which way a twin takes is found out with a harmless question before anything else is sent to it, and remembered for a
/// while: a request is never sent by both ways.
public actor RoutedCaller: RMBCaller {
    /// How long a choice holds.
    static let memory = Duration.seconds(60)
    /// How long a twin may take to answer the question.
    static let patience = Duration.seconds(5)
    /// A command that every node knows, and that any twin may call.
    static let question = "zos.system.version"

    private enum Way { case direct, relay }

    private let direct: any RMBCaller
    private let addresses: any TwinAddresses
    private let relay: (any RMBCaller)?
    private let now: @Sendable () -> ContinuousClock.Instant
    private var choices: [UInt32: (way: Way, until: ContinuousClock.Instant)] = [:]

    /// - Parameters:
    ///   - direct: calls twins at their addresses.
    ///   - addresses: the same that `direct` uses.
    ///   - relay: calls twins over relays; nil where there are none.
    public init(
        direct: any RMBCaller, addresses: any TwinAddresses, relay: (any RMBCaller)?,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.direct = direct
        self.addresses = addresses
        self.relay = relay
        self.now = now
    }

    public func call(
        _ command: String, at twin: UInt32, payload: JSONValue, timeout: Duration
    ) async throws(RMBError) -> JSONValue {
        guard let relay else {
            return try await direct.call(command, at: twin, payload: payload, timeout: timeout)
        }
        let end = now() + timeout
        let caller = await way(to: twin, within: timeout) == .direct ? direct : relay
        return try await caller.call(command, at: twin, payload: payload, timeout: max(.seconds(1), end - now()))
    }

    private func way(to twin: UInt32, within timeout: Duration) async -> Way {
        if let choice = choices[twin], choice.until > now() { return choice.way }
        let way = await reaches(twin, within: min(Self.patience, timeout / 2)) ? Way.direct : .relay
        choices[twin] = (way, now() + Self.memory)
        return way
    }

    private func reaches(_ twin: UInt32, within patience: Duration) async -> Bool {
        guard case .found = await addresses.address(of: twin) else { return false }
        do throws(RMBError) {
            _ = try await direct.call(Self.question, at: twin, payload: .null, timeout: patience)
            return true
        } catch {
            // A refusal is an answer.
            return error.code == .remote
        }
    }
}
