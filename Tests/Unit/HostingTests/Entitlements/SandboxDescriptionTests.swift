import Foundation
import JSON
import Testing
import WorkerFixtures
import WorkerSandbox

@testable import Hosting

@Suite("SandboxDescription")
struct SandboxDescriptionTests {
    private func manifest(_ folder: String) throws -> Manifest {
        let url = URL(fileURLWithPath: "\(TestObject.repository)/\(folder)/plugin.json")
        return try Manifest(parsing: Array(Data(contentsOf: url)))
    }

    @Test("shows every rule of the policy, with the entitlement that adds it")
    func everyRule() throws {
        let manifest = try manifest("Plugins/network")
        let description = try SandboxDescription(manifest)
        let names = Set(description.calls.map(\.name))
        for rule in CallRule.basic(process: 1) + manifest.sandbox.calls where SystemCall.number(of: rule.name) != nil {
            #expect(names.contains(rule.name))
        }
        #expect(description.calls.first { $0.name == "setsockopt" }?.entitlement == "network-administration")
        #expect(description.capabilities == ["NET_ADMIN"] && description.namespaces.contains("users"))
    }

    @Test("text and JSON say calls, capabilities, files, limits, services and companions")
    func forms() throws {
        let description = try SandboxDescription(try manifest("Plugins/zmachine"))
        for part in [
            "clone: allowed if it makes a thread", "capabilities  none", "folder:scratch", "tap.create (taps)",
        ] {
            #expect(description.text.contains(part), "\(part)")
        }
        let json = description.json
        #expect(json["files"]?["folders"] == ["scratch"] && json["companions"]?.arrayValue?.isEmpty == false)
        #expect(json["limits"]?["memory"]?.uint64Value != nil && json["instructions"]?.intValue ?? 0 > 50)
    }

    @Test("the compiled filter is libseccomp's own, and asks the node about what no rule names")
    func compiled() throws {
        let filter = try SandboxDescription(try manifest("Samples/echo")).filter
        // SECCOMP_RET_USER_NOTIF, for which libseccomp has no word here.
        #expect(filter.pseudoCode.contains("action 0x7fc00000") && filter.pseudoCode.contains("action ERRNO(38)"))
        #expect(!filter.pseudoCode.contains("\"execve\""))
    }
}
