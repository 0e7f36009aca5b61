import Foundation

/// Work that blocks, on a thread made for it.
enum BlockingThread {
    /// Starts it. What comes back waits for the result, and is called once.
    static func start<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) -> @Sendable () async throws -> Value {
        let (results, continuation) = AsyncStream.makeStream(of: Result<Value, any Error>.self)
        Thread.detachNewThread {
            continuation.yield(Result { try body() })
            continuation.finish()
        }
        return {
            for await result in results { return try result.get() }
            throw CancellationError()
        }
    }
}
