import Foundation
import JSON
import Testing

@testable import CLI

@Suite("Deployment file")
struct DeploymentFileTests {
    @Test("YAML and JSON mean the same, integers stay exact")
    func formats() throws {
        let yaml = """
            name: hello
            workloads:
              - name: greeting
                type: echo
                data: {text: hi, number: 18446744073709551615, yes: true, nothing: , version: "1.0", ratio: 1.5}
            """
        let json = #"""
            {"name": "hello", "workloads": [{"name": "greeting", "type": "echo", "data": {"text": "hi",
            "number": 18446744073709551615, "yes": true, "nothing": null, "version": "1.0", "ratio": 1.5}}]}
            """#
        let (left, right) = (try DeploymentFile.value(of: yaml), try DeploymentFile.value(of: json))
        #expect(left == right)
        let draft = try DeploymentFile.description(left, fallbackName: "file")
        #expect(draft.name == "hello")
        #expect(draft.workloads.first?.data["number"]?.uint64Value == .max)
        #expect(try JSONValue(parsing: draft.metadata)["name"] == "hello")
        #expect(draft.publicIPs == nil)
    }

    @Test(
        "what is wrong is named",
        arguments: [
            ("[]", "table"), ("{}", "workloads"), (#"{"workloads": [{"name": "a"}]}"#, "'a'"),
            (#"{"workloads": [], "wokloads": 1}"#, "'wokloads'"), (#"{"workloads": [], "name": 5}"#, "name"),
            (#"{"workloads": [], "public_ips": -1}"#, "public_ips"), (#"{"a": 1, "a": 2}"#, "JSON"),
            ("a: [", "YAML"), ("a: 1\na: 2\n", "duplicated"), ("", "empty"),
        ])
    func mistakes(text: String, part: String) {
        let error = #expect(throws: CommandError.self) {
            _ = try DeploymentFile.description(try DeploymentFile.value(of: text), fallbackName: "file")
        }
        #expect(error?.kind == .invalid)
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "no error")")
    }

    @Test("the name comes from the file, else from the deployment that it updates, else from the file's own name")
    func names() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "zos-file-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // Best effort: the folder is temporary.
        let path = folder.appending(path: "shop.yaml").path()
        try Data("workloads: [{name: a, type: b, data: {}}]\n".utf8).write(to: URL(filePath: path))
        #expect(try DeploymentFile.read(path, name: "running").name == "running")
        #expect(try DeploymentFile.read(path).name == "shop")
        try Data("name: own\nworkloads: [{name: a, type: b, data: {}}]\n".utf8).write(to: URL(filePath: path))
        #expect(try DeploymentFile.read(path, name: "running").name == "own")
    }

    @Test("aliases that multiply are refused, not expanded")
    func multiplyingAliases() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let alias = "*a\(level - 1)"
            text += "a\(level): &a\(level) [\((0..<10).map { _ in alias }.joined(separator: ", "))]\n"
        }
        let error = #expect(throws: CommandError.self) { try DeploymentFile.value(of: text) }
        #expect(error?.message.contains("values") == true)
    }

    @Test("deep nesting is refused, not followed")
    func deepNesting() {
        let deep = String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000)
        #expect(throws: CommandError.self) { try DeploymentFile.value(of: "a: " + deep) }
    }
}
