import Glibc
import Testing
import WorkerSandbox

@testable import Node

@Suite("Unsafe choices")
struct UnsafeChoicesTests {
    @Test("what weakens the walls is said at every start, with the parts and the companions that it is about")
    func warns() {
        var configuration = NodeConfiguration()
        configuration.allowsUnsafeSandbox = true
        let choices = UnsafeChoices(configuration, missing: [.landlock], rootCompanions: ["b/files", "a/x"])
        #expect(choices.missingParts == [.landlock])
        #expect(
            choices.warnings == [
                "unsafe_sandbox is set: plugins run without landlock",
                "root_companions is set: these run as root, confined to what their manifests name: a/x, b/files",
            ])
    }

    @Test("a part that the kernel has is never gone without, and without the option none is")
    func keepsWhatIsThere() {
        var configuration = NodeConfiguration()
        configuration.allowsRootCompanions = false
        #expect(UnsafeChoices(configuration, missing: [.landlock], rootCompanions: ["a/x"]).missingParts.isEmpty)
        #expect(UnsafeChoices(configuration, missing: [.landlock], rootCompanions: ["a/x"]).warnings.isEmpty)
        configuration.allowsUnsafeSandbox = true
        let choices = UnsafeChoices(configuration, missing: [], rootCompanions: [])
        #expect(choices.missingParts.isEmpty)
        #expect(choices.warnings.count == 1)
    }

    @Test("holding operations is for embedded ledgers only, and said at every start")
    func refusesFaults() throws {
        var configuration = try NodeConfiguration(toml: "unsafe_faults = true")
        try FaultBoard.check(configuration)
        #expect(
            UnsafeChoices(configuration, missing: [], rootCompanions: []).warnings == [
                "unsafe_faults is set: administrators can hold operations and ask plugins anything"
            ])
        configuration.network = .production
        #expect(throws: NodeError.self) { try FaultBoard.check(configuration) }
    }

    @Test("tracing plugins is for embedded ledgers only, and said at every start")
    func refusesTrace() throws {
        var configuration = try NodeConfiguration(toml: "unsafe_trace_plugins = true")
        #expect(try PluginTrace.make(configuration, log: .init(label: "test")) != nil)
        #expect(
            UnsafeChoices(configuration, missing: [], rootCompanions: []).warnings == [
                "unsafe_trace_plugins is set: plugins that call what they may not are not ended"
            ])
        configuration.network = .production
        #expect(throws: NodeError.self) { try PluginTrace.make(configuration, log: .init(label: "test")) }
        #expect(try PluginTrace.make(NodeConfiguration(), log: .init(label: "test")) == nil)
    }

    @Test("KVM is offered if companions may open a device, never because a name is there")
    func offersKVM() throws {
        #expect(!NodeHosting.offersKVM(device: "/nonexistent"))
        #expect(NodeHosting.offersKVM(device: "/dev/null"))
        let path = "/tmp/zos-kvm-\(getpid())"
        close(open(path, O_CREAT | O_RDWR, 0o666))
        defer { unlink(path) }
        #expect(!NodeHosting.offersKVM(device: path), "a file is no device")
        unlink(path)
        try #require(mknod(path, S_IFCHR | 0o660, 0x103) == 0)
        chmod(path, 0o660)
        #expect(!NodeHosting.offersKVM(device: path), "only root and its group may open it")
    }

    @Test("the node's own ports are nobody's")
    func reservesOwnPorts() throws {
        var configuration = NodeConfiguration()
        configuration.listen = ["127.0.0.1:8123", "[::1]:9124"]
        let hosting = NodeHosting(
            configuration: configuration, node: 1, registry: .init(), log: .init(label: "test"))
        let reserved = try #require(try hosting.brokerConfiguration().reserved["udp-port"])
        #expect(Set(reserved).isSuperset(of: ["8123", "9124", "443", "8051"]))
    }
}
