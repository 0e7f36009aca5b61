import Chain
import Contracts
import Logging
import Node

/// The ledger of a network, opened for one command.
struct GridLedger {
    private enum Place {
        case socket(String)
        case chain([String])
    }

    private let place: Place

    /// - Parameter place: the socket of an embedded ledger, or an endpoint in place of the network's own.
    init(_ preset: NetworkPreset, at place: String?) throws(CommandError) {
        let place = place.flatMap { $0.isEmpty ? nil : $0 }
        if let place, place.hasPrefix("ws://") || place.hasPrefix("wss://") {
            self.place = .chain([place])
        } else if preset == .embedded {
            guard let place else {
                throw CommandError(
                    .invalid, "where is the ledger?",
                    hint: "name its socket: --ledger /run/zos/ledger.sock, or an endpoint: --ledger ws://127.0.0.1:9944"
                )
            }
            self.place = .socket(place)
        } else {
            guard place == nil else {
                throw CommandError(
                    .invalid, "'\(place ?? "")' is no endpoint of a chain", hint: "write wss://host or ws://host:port")
            }
            self.place = .chain(preset.chain)
        }
    }

    /// Runs `body` with the ledger; a connection to a chain is held as long.
    func run(_ body: (any Ledger) async throws -> Void) async throws {
        switch place {
        case .socket(let path): try await body(RemoteLedger(path: path))
        case .chain(let endpoints):
            // A command line speaks by its errors; what a connection goes through on the way is nobody's concern.
            let log = Logger(label: "chain") { _ in SwiftLogNoOpLogHandler() }
            try await ChainLedger.with(endpoints: endpoints, log: log) { try await body($0) }
        }
    }
}
