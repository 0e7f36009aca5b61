/// After a boot nothing of what was accepted runs. Each deployment is installed again once the ledger has confirmed its contract
/// (docs/spec/tfchain.md section 10, reinstalling); until then it stays queued, however long that takes.
extension Engine {
    static let bootMark = "boot"

    /// The number of this boot, unless everything was installed in it already.
    func newBoot() async -> Int64? {
        guard let boot = settings.boot else { return nil }
        do {
            return try await store.mark(Engine.bootMark) == boot ? nil : boot
        } catch {
            // Asking once more than needed does no harm.
            log.error("journal not read", metadata: ["mark": "boot", "error": "\(error)"])
            return boot
        }
    }

    /// Whether jobs of a deployment may run: all but removals wait for the ledger's word after a boot.
    func mayWork(on key: DeploymentKey) -> Bool { !awaiting.contains(key) || hasJob(.remove, for: key) }

    /// Waits until the ledger confirms the contract. Nil if the deployment is removed meanwhile, or the task cancelled.
    func reinstallation(of key: DeploymentKey) async -> AcceptedTerms? {
        while book[key] != nil, !hasJob(.remove, for: key), !Task.isCancelled {
            do {
                let terms = try await gate.reinstallation(key.contract, twin: key.twin)
                awaiting.remove(key)
                wakeup.yield(key)
                return terms
            } catch {
                // Also where the contract is gone: that is for the comparison at a finalised block to say.
                log.warning(
                    "deployment is not installed again yet",
                    metadata: ["deployment": "\(key)", "error": "\(error)"])
            }
            try? await Task.sleep(for: settings.reinstallPause)  // Cancellation shows in the loop's condition.
        }
        awaiting.remove(key)
        return nil
    }

    /// Pauses what was installed again although its contract is in grace. The next comparison makes up for it if that fails.
    func pause(_ key: DeploymentKey, under terms: AcceptedTerms?) async {
        guard terms?.isPaused ?? false else { return }
        do {
            try await pause(contract: key.contract)
        } catch {
            log.error("journal not written", metadata: ["deployment": "\(key)", "error": "\(error)"])
        }
    }
}
