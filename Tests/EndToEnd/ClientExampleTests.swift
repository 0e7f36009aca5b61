import Foundation
import TestNode
import Testing

@Suite("The example of the client library")
struct ClientExampleTests {
    private static let root = String(#filePath.dropLast("/Tests/EndToEnd/ClientExampleTests.swift".count))

    @Test("the page shows the program as it is")
    func page() throws {
        let page = try String(contentsOfFile: Self.root + "/docs/client.md", encoding: .utf8)
        let program = try String(contentsOfFile: Self.root + "/docs/examples/client/main.swift", encoding: .utf8)
        #expect(page.contains("```swift\n" + program + "```"))
    }

    @Test("it deploys, changes and removes a workload on a node")
    func run() async throws {
        try await RunningNode.with(plugins: try PluginFolder(["echo"])) { node in
            try await node.waitForPlugin("org.zos.echo", "ready")
            let user = try node.user()
            let description = try node.description()
            let outcome = try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async {
                    continuation.resume(
                        with: Result {
                            try Programs.run(
                                Programs.built + "/client-example",
                                [
                                    description.ledger, "\(description.node)", user.address.host,
                                    "\(user.address.port)", "ed25519", node.folder + "/users/user.secret",
                                ])
                        })
                }
            }
            #expect(outcome.status == 0, "\(outcome.output)")
            for line in ["it offers echo", "greeting is ok", "version 1", "hello, grid", "nothing is left"] {
                #expect(outcome.output.contains(line), "\(line) in \(outcome.output)")
            }
        }
    }
}
