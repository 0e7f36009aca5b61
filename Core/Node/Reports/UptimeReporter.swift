import Contracts
import Logging
import Signatures

/// Tells the ledger every 40 minutes that the node is up (docs/spec/tfchain.md section 11).
struct UptimeReporter: Sendable {
    private static let interval = Duration.seconds(2400)
    private static let retry = Duration.seconds(10)

    let ledger: any Ledger
    let key: KeyPair
    /// Seconds since the machine started.
    var uptime: @Sendable () -> UInt64 = MachineTime.uptime
    var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    let log: Logger

    /// Works until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            var wait = Self.interval
            do {
                // By the ledger's clock, which is what the hint is compared with.
                let now = try await ledger.head(.best).time / 1000
                _ = try await ledger.submit(.reportUptime(uptime: uptime(), hint: now), by: key)
            } catch {
                log.warning("uptime not reported", metadata: ["error": "\(error)"])
                wait = Self.retry
            }
            do { try await pause(wait) } catch { return }
        }
    }
}
