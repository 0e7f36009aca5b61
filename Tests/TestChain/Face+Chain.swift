import Chain
import Contracts
import JSON
import Logging
import Signatures
import Substrate
import TestLedger
import WebSockets

extension Face {
    /// What suites about any ledger run over.
    package static let all = local + [chain]

    /// The client of the real chain on the JSON-RPC face.
    package static let chain = Face("chain client on JSON-RPC") { embedded, _, body in
        let face = try await ChainFace(
            ledger: embedded, at: .loopback(port: 0), version: "test", log: Logger(label: "test"))
        let address = try WebSocketAddress("ws://127.0.0.1:\(face.port)")
        let ledger = try ChainLedger(ordered: [address], settings: patient, log: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await face.run() }
            group.addTask { await ledger.run() }
            defer { group.cancelAll() }
            try await body(
                View(ledger: ledger, administrate: { try await embedded.administrate($0) }) {
                    call, nonce, genesis, key in
                    try await FaceClient.with(address) { client in
                        let extrinsic = try await client.signed(
                            call, by: key, nonce: UInt64(nonce), genesis: genesis)
                        try await client.submit(extrinsic)
                    }
                })
        }
    }

    /// Ledgers of tests make blocks on demand: their time stands still, and heads may not come for long.
    package static let patient: ChainSettings = {
        var settings = ChainSettings()
        settings.staleAfter = .seconds(24 * 3600)
        settings.headSilence = .seconds(3600)
        return settings
    }()
}
