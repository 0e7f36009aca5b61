import Deployments

extension NodeClient {
    /// Waits until the node has nothing left of a cancelled contract. A node that cannot be reached for a moment is asked
    /// again until the deadline.
    /// - Throws: `timedOut`, `cancelled`, or why the node cannot be asked.
    public func waitForRemoval(of contract: UInt64, deadline: Duration) async throws(ClientError) {
        let end = ContinuousClock.now + deadline
        var pause = Duration.milliseconds(50)
        while true {
            do throws(ClientError) {
                _ = try await deployment(contract: contract)
            } catch {
                if error.isNotFound { return }
                guard error.isRetryable, ContinuousClock.now + pause < end else { throw error }
            }
            guard ContinuousClock.now + pause < end else {
                throw ClientError(
                    .timedOut, "the node still has something of contract \(contract) after \(deadline)",
                    hint: "see what with zos get \(contract)", isRetryable: true)
            }
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw ClientError(.cancelled, "the call was cancelled")
            }
            pause = min(pause * 2, .milliseconds(500))
        }
    }
}

extension ClientError {
    /// Whether the node said that it has no such deployment.
    public var isNotFound: Bool { code == .refused && message.utf8.elementsEqual("deployment not found".utf8) }
}
