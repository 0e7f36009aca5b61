import Foundation
import TestNode

/// The relays `r1.test` and `r2.test` of a grid.
struct Relays: Sendable {
    let addresses: [String]
    private let processes: [Process]

    /// Starts both and waits until they listen.
    init(_ grid: Grid) async throws {
        let ports = [8081, 8082]
        let ledger = try grid.first.description().ledger
        var started: [(process: Process, log: String)] = []
        for (index, port) in ports.enumerated() {
            let other = 1 - index
            started.append(
                try grid.exchange.start(
                    grid.relaySpace,
                    [
                        "\(Programs.built)/zos", "relay", "--json", "--name", "r\(index + 1).test", "--listen",
                        "10.77.0.4:\(port)", "--ledger", ledger, "--remote",
                        "r\(other + 1).test=http://10.77.0.4:\(ports[other])",
                    ], log: "relay\(index + 1)"))
        }
        for (_, log) in started {
            try await eventually("a relay listens") {
                String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self).contains(
                    "\"port\"")
            }
        }
        addresses = ports.map { "ws://10.77.0.4:\($0)" }
        processes = started.map(\.process)
    }

    func kill(_ index: Int) { Foundation.kill(processes[index].processIdentifier, SIGKILL) }
}
