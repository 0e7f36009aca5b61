import Hosting
import JSON
import Testing
import WorkerSandbox

@Suite("SandboxPolicy")
struct SandboxPolicyTests {
    @Test("without entitlements nothing is granted")
    func nothing() throws {
        let policy = try SandboxPolicy.make(entitlements: [])
        #expect(policy == SandboxPolicy() && policy.capabilities.isEmpty && policy.calls.isEmpty)
    }

    @Test("network administration is granted only inside a user namespace of its own")
    func network() throws {
        let policy = try SandboxPolicy.make(entitlements: [("network-administration", [:]), ("segments", [:])])
        #expect(policy.capabilities == [12] && policy.needsUserNamespace && policy.folders.isEmpty)
    }

    @Test("a folder opens file calls, but no capability")
    func folder() throws {
        let policy = try SandboxPolicy.make(entitlements: [("folder", ["name": "pool"])])
        #expect(policy.folders == ["pool"] && policy.capabilities.isEmpty && !policy.needsUserNamespace)
        #expect(policy.calls.contains { $0.name == "openat2" })
    }

    @Test(
        "no entitlement grants what a worker must never have",
        arguments: [
            "execve", "execveat", "clone3", "fork", "vfork", "ptrace", "mount", "setns", "unshare", "socket", "bpf",
        ])
    func never(_ call: String) {
        for definition in EntitlementCatalog.all { #expect(!definition.calls.contains { $0.name == call }) }
        let basic = CallRule.basic(process: 1).filter { $0.name == call && $0.outcome == .allow }
        #expect(basic.isEmpty)
    }

    @Test("an unknown entitlement and a folder without a usable name are refused")
    func refused() {
        for (name, parameters) in [
            ("everything", [:]), ("folder", [:]), ("folder", ["name": "../x"]), ("folder", ["name": ""]),
        ] as [(String, JSONValue)] {
            #expect(throws: HostingError.self) { try SandboxPolicy.make(entitlements: [(name, parameters)]) }
        }
    }
}
