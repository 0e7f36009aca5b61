extension LedgerUnavailable {
    /// Asks a ledger, but not for longer than `limit`: what has not come by then is *unavailable*. The question is cancelled.
    public static func after<Answer: Sendable>(
        _ limit: Duration, asking body: @escaping @Sendable () async throws(LedgerUnavailable) -> Answer
    ) async -> Result<Answer, LedgerUnavailable> {
        await withTaskGroup(of: Result<Answer, LedgerUnavailable>.self) { group in
            group.addTask {
                do throws(LedgerUnavailable) { return .success(try await body()) } catch { return .failure(error) }
            }
            group.addTask {
                try? await Task.sleep(for: limit)  // Cancelled when the answer came first.
                return .failure(LedgerUnavailable(.timedOut, "the ledger gave no answer within \(limit)"))
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(LedgerUnavailable(.timedOut, "the ledger was not asked"))
        }
    }
}
