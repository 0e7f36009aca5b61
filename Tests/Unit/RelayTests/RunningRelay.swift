import Logging
import NIOPosix
import RMB
import Testing

@testable import Relay

/// A relay on a free port of the loopback device while a test runs.
enum RunningRelay {
    static func with<Result>(
        _ twins: FakeTwins, names: [String] = ["here.test"],
        _ change: (inout Relay.Configuration) throws -> Void = { _ in }, _ body: (Int) async throws -> Result
    ) async throws -> Result {
        var configuration = Relay.Configuration(names: names)
        configuration.host = "127.0.0.1"
        try change(&configuration)
        let group = MultiThreadedEventLoopGroup.singleton
        let relay = try Relay(
            configuration: configuration, twins: twins, transport: RelayHTTPClient(group: group),
            log: Logger(label: "test"), clock: UnixTime.now, group: group)
        let port = try await relay.listen()
        let task = Task { await relay.run() }
        do {
            let result = try await body(port)
            task.cancel()
            await task.value
            return result
        } catch {
            task.cancel()
            await task.value
            throw error
        }
    }
}
