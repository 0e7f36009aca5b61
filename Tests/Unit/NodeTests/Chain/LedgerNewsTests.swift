import Contracts
import JSON
import Logging
import Testing

@testable import Node

@Suite("What the ledger tells a node besides contracts")
struct LedgerNewsTests {
    private static let config = PublicConfig(
        ip4: .init(ip: "198.51.100.2/24", gateway: "198.51.100.1"), domain: "node.example")

    @Test("a public configuration is answered as the node API writes it, and goes when the farmer takes it away")
    func publicConfig() async throws {
        try await ChainStage.with { stage in
            let news = news(of: stage)
            #expect(news.publicConfiguration.isNull)
            await news.changed(Self.config)
            let expected: JSONValue = [
                "type": "macvlan", "ipv4": "198.51.100.2/24", "ipv6": "", "gw4": "198.51.100.1", "gw6": "",
                "domain": "node.example",
            ]
            #expect(news.publicConfiguration == expected)
            await news.changed(nil as PublicConfig?)
            #expect(news.publicConfiguration.isNull)
        }
    }

    @Test("what was missed is read again")
    func missed() async throws {
        try await ChainStage.with { stage in
            let news = news(of: stage)
            _ = try await stage.embedded.submit(
                .addNodePublicConfig(farm: 1, node: 1, config: Self.config), by: stage.nodeKey)
            await news.missedEvents()
            #expect(news.publicConfiguration["domain"] == "node.example")
            stage.ledger.change { $0.isAway = true }
            await news.missedEvents()
            #expect(news.publicConfiguration["domain"] == "node.example", "unavailable is not absent")
        }
    }

    private func news(of stage: ChainStage) -> LedgerNews {
        LedgerNews(
            node: 1, config: nil, ledger: stage.ledger, keys: LedgerTwinKeys(ledger: stage.ledger), log: stage.log)
    }
}
