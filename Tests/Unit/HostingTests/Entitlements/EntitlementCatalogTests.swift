import Foundation
import JSON
import Testing
import WorkerFixtures
import WorkerSandbox

@testable import Hosting

@Suite("EntitlementCatalog")
struct EntitlementCatalogTests {
    @Test("docs/entitlements.md is what the code says")
    func document() throws {
        let path = "\(TestObject.repository)/docs/entitlements.md"
        let written = try String(contentsOfFile: path, encoding: .utf8)
        #expect(
            written.utf8.elementsEqual((EntitlementCatalog.markdown + "\n").utf8),
            "write it again: zos plugin entitlements --markdown > docs/entitlements.md")
    }

    @Test("every service that the brokers know is in the catalogue or free, and nothing else is")
    func services() throws {
        let folder = "\(TestObject.repository)/Core/Hosting/Brokers"
        var served: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) where file.hasSuffix(".swift") {
            let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            for match in text.matches(of: /case "([a-z.]+)": return/) { served.insert(String(match.1)) }
        }
        let listed = EntitlementCatalog.all.flatMap(\.services) + EntitlementCatalog.freeServices
        #expect(Set(listed) == served)
        #expect(Set(listed).count == listed.count, "a service is listed twice")
    }

    @Test("each service is denied without its entitlement, by the entitlement's name")
    func denied() async throws {
        try await BrokerBench().withBrokers { brokers, _ in
            for definition in EntitlementCatalog.all {
                for service in definition.services {
                    let answer = await brokers.ask("third", service, ["exit": "public", "kind": "veth", "space": "x"])
                    #expect(answer.status == .denied, "\(service)")
                    let message = answer.payload["message"]?.stringValue ?? ""
                    #expect(message.contains("has no entitlement \(definition.name)"), "\(service): \(message)")
                }
            }
        }
    }

    @Test(
        "an unknown entitlement or parameter is refused with the nearest name",
        arguments: [
            ("folders", [:], "folder"), ("tap", [:], "taps"), ("network-namespace", [:], "network-namespaces"),
            ("folder", ["nane": "x"], "name"), ("links", ["kind": ["tun"]], "kinds"),
            ("reservations", ["spaces": ["a"], "chek": [:]], "check"),
        ] as [(String, JSONValue, String)])
    func nearest(_ name: String, _ parameters: JSONValue, _ meant: String) throws {
        let error = #expect(throws: HostingError.self) {
            try SandboxPolicy.make(entitlements: [(name, parameters)])
        }
        #expect(
            error?.code == .badManifest && error?.hint == "did you mean \"\(meant)\"?", "\(String(describing: error))")
    }

    @Test("a name that is near to nothing is refused with all that exist")
    func far() throws {
        let error = #expect(throws: HostingError.self) { try SandboxPolicy.make(entitlements: [("root-shell", [:])]) }
        #expect(error?.hint?.hasPrefix("known are folder, ") == true, "\(String(describing: error))")
    }

    @Test(
        "wrong parameters are refused",
        arguments: [
            ("folder", [:]), ("folder", ["name": 7]), ("folder", ["name": "Pool"]), ("exits", [:]),
            ("exits", ["exits": []]), ("exits", ["exits": "node"]), ("links", ["kinds": [7]]),
            ("reservations", ["spaces": ["a"], "check": ["a": "tcp"]]), ("taps", ["all": true]),
        ] as [(String, JSONValue)])
    func wrong(_ name: String, _ parameters: JSONValue) {
        #expect(throws: HostingError.self) { try SandboxPolicy.make(entitlements: [(name, parameters)]) }
    }

    @Test("an entitlement is asked for once; folders once each")
    func repeated() throws {
        #expect(throws: HostingError.self) { try SandboxPolicy.make(entitlements: [("taps", [:]), ("taps", [:])]) }
        let two = try SandboxPolicy.make(entitlements: [("folder", ["name": "a"]), ("folder", ["name": "b"])])
        #expect(two.folders == ["a", "b"])
    }
}
