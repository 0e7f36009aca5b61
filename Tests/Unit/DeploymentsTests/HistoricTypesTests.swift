import Deployments
import JSON
import Signatures
import TestVectors
import Testing

@Suite("Historic types")
struct HistoricTypesTests {
    @Test("the table has the thirteen types in the order of installing")
    func order() {
        #expect(
            HistoricTypes.all.map(\.name) == [
                "zmount", "volume", "qsfs", "network", "ipv4", "ip", "zmachine", "zlogs", "network-light", "zdb",
                "zmachine-light", "gateway-name-proxy", "gateway-fqdn-proxy",
            ])
        #expect(HistoricTypes.all.filter(\.isSharable).map(\.name) == ["network", "network-light"])
        #expect(
            HistoricTypes.all.filter(\.isUpdatable).map(\.name)
                == ["zmount", "volume", "qsfs", "network", "network-light", "zdb"])
        #expect(HistoricTypes.all.filter(\.isPausable).map(\.name) == ["zmachine", "zdb", "zmachine-light"])
        #expect(HistoricTypes.order(of: "zmount") == 1)
        #expect(HistoricTypes.order(of: "hello") == 14)
        #expect(HistoricTypes.rule(for: "ZMount") == nil)
    }

    @Test("the rules of the table are those of the vectors")
    func digests() throws {
        let types = try #require(try VectorFile.load("challenge-rules.json")["types"]?.objectValue)
        #expect(types.count == HistoricTypes.all.count)
        for member in types.members {
            let rule = try #require(HistoricTypes.rule(for: member.key))
            let digest = Hex.encode(Sodium.sha256(Array(rule.canonicalText.utf8)))
            #expect(digest == member.value["rule_sha256"]?.stringValue)
        }
    }
}
