import ArgumentParser
import Foundation
import RMB
import Testing

@testable import CLI

@Suite("A node of a network")
struct GridSessionTests {
    private func options(_ arguments: [String]) throws -> GridOptions { try GridOptions.parse(arguments) }

    @Test("without a network it is a development node's folder that counts")
    func none() throws {
        #expect(try GridSession(options([]), environment: [:]) == nil)
        #expect(try GridSession(options([]), environment: ["ZOS_NETWORK": ""]) == nil)
    }

    @Test(
        "what is missing is named, with the way out",
        arguments: [
            (["--network", "gnome"], "there is no network 'gnome'"), (["--network", "qa"], "which node of 'qa'?"),
            (["--network", "qa", "--node-twin", "7"], "who are you?"),
            (
                ["--network", "qa", "--node-twin", "7", "--key", "/no/such/file"],
                "the key of the user is not in /no/such/file"
            ),
        ])
    func missing(arguments: [String], message: String) throws {
        let error = #expect(throws: CommandError.self) { try GridSession(try options(arguments), environment: [:]) }
        #expect(error?.message == message)
    }

    @Test("peers are twins with addresses of either family, and nothing else")
    func peers() throws {
        let peers = try GridSession.peers(["7=10.0.0.1:8051", "8=[2001:db8::1]:9"])
        #expect(peers == [7: PeerAddress(host: "10.0.0.1", port: 8051), 8: PeerAddress(host: "2001:db8::1", port: 9)])
        for text in ["", "7", "7=", "7=10.0.0.1", "x=10.0.0.1:1", "7=10.0.0.1:x", "=:"] {
            #expect(throws: CommandError.self) { try GridSession.peers([text]) }
        }
    }
}
