import Foundation
import RMB
import Signatures

/// What the example is told: `client-example LEDGER-SOCKET NODE-TWIN HOST PORT SCHEME FILE`, the file with the account's phrase.
struct Settings {
    let ledger: String
    let node: UInt32
    let address: PeerAddress
    let scheme: KeyScheme
    let phrase: String

    struct Failure: Error, CustomStringConvertible { let description: String }

    init(_ arguments: [String]) throws {
        guard arguments.count == 7, let node = UInt32(arguments[2]), let port = UInt16(arguments[4]),
            let scheme = KeyScheme(rawValue: arguments[5])
        else {
            throw Failure(description: "usage: client-example LEDGER-SOCKET NODE-TWIN HOST PORT ed25519|sr25519 FILE")
        }
        ledger = arguments[1]
        self.node = node
        address = PeerAddress(host: arguments[3], port: Int(port))
        self.scheme = scheme
        let text = try String(contentsOfFile: arguments[6], encoding: .utf8)
        phrase = text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
