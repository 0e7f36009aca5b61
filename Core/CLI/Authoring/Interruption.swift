@preconcurrency import Dispatch
import Foundation

/// Ctrl-C and SIGTERM, as the end of something instead of the program's.
final class Interruption: Sendable {
    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    private let stream: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]

    /// From now on these signals no longer end the program; one that comes before `orEnd` is not lost.
    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.stream = stream
        sources = Self.signals.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
    }

    /// Runs `body` until it ends or a signal comes, which cancels it.
    func orEnd(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await body()
                return false
            }
            group.addTask { [stream] in
                for await _ in stream { return true }
                return false
            }
            defer { group.cancelAll() }
            _ = try await group.next()
            group.cancelAll()
            while let outcome = await group.nextResult() {
                if case .failure(let error) = outcome, !(error is CancellationError) { throw error }
            }
        }
    }
}
