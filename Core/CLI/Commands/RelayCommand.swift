import ArgumentParser
import Contracts
import Foundation
import JSON
import Logging
import Node
import Relay

/// `zos relay`.
struct RelayCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay", abstract: "Run a relay of messages, for development and closed installations.",
        discussion: """
            Twins have relays on the ledger by name, without port; --remote says where the relays with other names are. \
            See docs/relay.md. Runs until it is interrupted.
            """)

    @OptionGroup var global: GlobalOptions
    @Option(name: .customLong("name"), help: "A name that twins have this relay by on the ledger; may be repeated.")
    var names: [String]
    @Option(help: "Where to listen, ip:port or [ip]:port; port 0 takes a free one.")
    var listen = "127.0.0.1:0"
    @Option(help: "Socket of the ledger; that of the node in --state unless given.")
    var ledger: String?
    @Option(name: .customLong("remote"), help: "Where another relay is, NAME=http://HOST:PORT; may be repeated.")
    var remotes: [String] = []
    @Flag(help: "Ask relays that no --remote names, as https://NAME/.")
    var remoteAny = false
    @Option(help: "Messages that one twin may send in a minute; needs --limit-bytes.")
    var limitCount: UInt64?
    @Option(help: "Bytes that one twin may send in a minute; needs --limit-count.")
    var limitBytes: UInt64?
    @Option(help: "File of a certificate chain in PEM form; needs --tls-key. Without them connections are in clear.")
    var tlsCertificate: String?
    @Option(help: "File of the certificate's key in PEM form.")
    var tlsKey: String?

    func execute() async throws {
        let relay: Relay
        let port: Int
        do throws(RelayError) {
            relay = try Relay(configuration: try settings(), ledger: RemoteLedger(path: try socket()), log: log)
            port = try await relay.listen()
        } catch {
            throw CommandError(error.code == .configuration ? .invalid : .failed, error.message, hint: error.hint)
        }
        let interruption = Interruption()
        global.output.result(
            ["port": .number(JSONNumber(port)), "names": .array(names.map { .string($0) })],
            text: "relay \(names.joined(separator: ", ")) listens at port \(port)")
        fflush(nil)
        try await interruption.orEnd { await relay.run() }
    }

    private var log: Logger { Logger(label: "relay") { JSONLogHandler(label: $0, level: .info) } }

    private func socket() throws(RelayError) -> String {
        if let ledger { return ledger }
        do { return try global.location.node().ledger } catch {
            throw RelayError(.configuration, error.message, hint: "name a ledger's socket with --ledger")
        }
    }

    private func settings() throws(RelayError) -> Relay.Configuration {
        var settings = Relay.Configuration(names: names)
        guard let colon = listen.lastIndex(of: ":"), let port = UInt16(listen[listen.index(after: colon)...]) else {
            throw RelayError(.configuration, "'\(listen)' is no address with a port", hint: "write ip:port")
        }
        settings.host = listen[..<colon].filter { $0 != "[" && $0 != "]" }
        settings.port = Int(port)
        settings.remotes.asksUnknownNames = remoteAny
        for remote in remotes {
            let parts = remote.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw RelayError(.configuration, "'\(remote)' names no relay", hint: "write NAME=http://HOST:PORT")
            }
            try settings.remotes.add(parts[0], at: parts[1])
        }
        switch (limitCount, limitBytes) {
        case (let count?, let bytes?): settings.rate = RateLimit(count: count, bytes: bytes)
        case (nil, nil): break
        default: throw RelayError(.configuration, "a limit needs both --limit-count and --limit-bytes")
        }
        switch (tlsCertificate, tlsKey) {
        case (let chain?, let key?): settings.certificate = .init(chain: chain, key: key)
        case (nil, nil): break
        default: throw RelayError(.configuration, "TLS needs both --tls-certificate and --tls-key")
        }
        return settings
    }
}
