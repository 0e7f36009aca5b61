import RMB
import Signatures
import Testing

@testable import Node

@Suite("Overlay configuration")
struct OverlayConfigurationTests {
    @Test("the overlay is off unless it is enabled, and takes peers and places to listen at")
    func reading() throws {
        #expect(try NodeConfiguration(toml: "").overlay == nil)
        #expect(try NodeConfiguration(toml: "[yggdrasil]\npeers = [\"tcp://192.0.2.1:9943\"]").overlay == nil)
        let overlay = try NodeConfiguration(
            toml: """
                [yggdrasil]
                enabled = true
                peers = ["tcp://192.0.2.1:9943"]
                listen = ["tcp://[::]:9943"]
                """
        ).overlay
        #expect(overlay?.peers == ["tcp://192.0.2.1:9943"])
        #expect(overlay?.listen == ["tcp://[::]:9943"])
    }

    @Test(
        "what is wrong is named",
        arguments: ["enabled = 1", "peers = \"x\"", "interface = \"a-name-that-is-too-long\"", "pears = []"])
    func wrong(line: String) {
        let error = #expect(throws: NodeError.self) { try NodeConfiguration(toml: "[yggdrasil]\n" + line) }
        #expect(error?.code == .badConfiguration)
        #expect(error?.message.contains("yggdrasil") == true)
    }

    @Test("twins are where the configuration says, else at the addresses of their keys; unknown is not unavailable")
    func twins() async throws {
        struct Keys: TwinKeys {
            let key: PublicKey
            func publicKey(of twin: UInt32, freshness: KeyFreshness) async -> KeyLookup {
                switch twin {
                case 8: .found(key)
                case 9: .unavailable("no answer")
                default: .absent
                }
            }
        }
        let key = KeyPair.generate(scheme: .ed25519).publicKey
        let configured = PeerAddress(host: "192.0.2.7", port: 1)
        let twins = OverlayTwins(configured: FixedTwinAddresses([7: configured]), keys: Keys(key: key))
        #expect(await twins.address(of: 7) == .found(configured))
        #expect(await twins.address(of: 8) == .found(PeerAddress(host: OverlayAddress(key).description, port: 8051)))
        #expect(await twins.address(of: 9) == .unavailable("no answer"))
        #expect(await twins.address(of: 10) == .absent)
    }
}
