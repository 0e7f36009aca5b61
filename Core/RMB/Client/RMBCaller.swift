import JSON

/// Calls commands of other twins.
public protocol RMBCaller: Sendable {
    /// Calls a command and waits for its result.
    /// - Throws: `remote` with the peer's text; `unreachable`, `timedOut` and others when there is no answer.
    func call(_ command: String, at twin: UInt32, payload: JSONValue, timeout: Duration) async throws(RMBError)
        -> JSONValue
}

/// Runs the body, and fails with the error when it takes longer.
func withDeadline<Result: Sendable>(
    _ timeout: Duration, failure: RMBError, _ body: @escaping @Sendable () async throws -> Result
) async throws(RMBError) -> Result {
    do {
        return try await withThrowingTaskGroup(of: Result.self) { group in
            group.addTask(operation: body)
            group.addTask {
                try await Task.sleep(for: timeout)
                throw failure
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw failure }
            return first
        }
    } catch let error as RMBError {
        throw error
    } catch is CancellationError {
        throw RMBError(.cancelled, "the call was cancelled")
    } catch {
        throw RMBError(.unreachable, "\(error)", isRetryable: true)
    }
}

extension RMBMessage {
    /// The result that a reply carries. Its error text is advice: it is not covered by the signature.
    /// - Parameter text: the JSON of the result.
    func result(text: [UInt8]) throws(RMBError) -> JSONValue {
        guard error.isEmpty else { throw RMBError(.remote, error) }
        if text.isEmpty { return .null }
        do {
            return try JSONValue(
                parsing: text, mode: .lenient, limits: JSONLimits(maxBytes: Self.sizeLimit * 4, maxDepth: 256))
        } catch {
            throw RMBError(.badReply, "the reply is no JSON: \(error)")
        }
    }
}
