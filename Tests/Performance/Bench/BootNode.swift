import Baseline
import Foundation
import JSON

/// A development node in a folder of its own, used through its command line like any other.
struct BootNode {
    static let address = "10.20.3.2"
    private static let patience = 240

    private let state: String
    private let guardian: Guardian
    private let root = Program.repository + "/build/rootfs/example"

    init(_ state: String) async throws {
        self.state = state
        // Paths of ours have no blanks or quotes.
        guardian = try Guardian(
            "ZOS_STATE=\(state) \(Program.folder)/zos down --remove >/dev/null 2>&1; rm -rf \(state)")
        try zos("up", "--root", root, "--plugins", Program.plugins)
        let end = bench_now() + 30_000_000_000
        while true {
            let list = try JSONValue(parsing: try zos("plugin", "list", "--json"))
            let states = (list["plugins"]?.arrayValue ?? []).map { $0["state"]?.stringValue }
            if !states.isEmpty && states.allSatisfy({ $0 == "ready" }) { return }
            guard bench_now() < end else { throw BenchError("the plugins do not become ready: \(list.text)") }
            usleep(50_000)
        }
    }

    /// Deploys a network and a machine, takes a copy of what the machine was made from, and cancels both.
    /// - Returns: nanoseconds to the first answer and to the end of the command.
    func deploy(copyingTo folder: String) async throws -> (answer: UInt64, ok: UInt64, machine: BareMachine) {
        let file = state + "/bench.json"
        try Data(Self.deployment(root).text.utf8).write(to: URL(fileURLWithPath: file))
        let started = bench_now()
        let command = BlockingThread.start { [self] in
            let output = try zos("deploy", "-f", file, "--json")
            return (output, bench_now() - started)
        }
        let probe = BlockingThread.start { [self] in
            let words = [
                "nsenter", "--net=\(try namespace())", Program.own, "--role", "probe", Self.address, "\(Self.patience)",
            ]
            return try Program.run(words)
        }
        let (output, ok) = try await command()
        guard let answered = UInt64(try await probe().filter(\.isNumber)) else { throw BenchError("no answer") }
        let machine = try BareMachine(copying: try process(), root: root, to: folder)
        guard let contract = try JSONValue(parsing: output)["contract_id"]?.uint64Value else {
            throw BenchError("the deployment has no contract: \(output)")
        }
        try zos("cancel", "\(contract)")
        try await gone()
        return (answered - started, ok, machine)
    }

    func remove() throws {
        try zos("down", "--remove")
        try guardian.callOff()
    }

    @discardableResult
    private func zos(_ words: String...) throws -> String {
        try Program.run(["env", "ZOS_STATE=\(state)", Program.folder + "/zos"] + words)
    }

    /// The network's namespace, as soon as it is there.
    private func namespace() throws -> String {
        let end = bench_now() + UInt64(Self.patience) * 1_000_000_000
        while bench_now() < end {
            if let name = namespaces.first { return "\(state)/run/netns/\(name)" }
            usleep(2_000)
        }
        throw BenchError("no network came up")
    }

    private var namespaces: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: state + "/run/netns")) ?? []
        return names.filter { $0.hasPrefix("n-") }
    }

    private func gone() async throws {
        let end = bench_now() + 60_000_000_000
        while !namespaces.isEmpty {
            guard bench_now() < end else { throw BenchError("the network is still there after its contract's end") }
            usleep(20_000)
        }
    }

    private func process() throws -> pid_t {
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            guard let number = pid_t(name) else { continue }
            let words = BareMachine.words(of: number)
            if words.first?.hasSuffix("qemu-system-x86_64") == true, words.contains(where: { $0.contains(state) }) {
                return number
            }
        }
        throw BenchError("the machine has no process")
    }

    private static func deployment(_ root: String) -> JSONValue {
        let machine: JSONValue = [
            "flist": .string("dir://\(root)"),
            "network": [
                "public_ip": "", "planetary": false, "interfaces": [["network": "net", "ip": .string(address)]],
            ],
            "size": 0, "compute_capacity": ["cpu": 1, "memory": 268_435_456], "mounts": [],
            "entrypoint": "/sbin/app", "env": [:],
        ]
        return [
            "name": "bench",
            "workloads": [
                ["name": "net", "type": "network", "data": NetworkSample(number: 1).subject.data],
                ["name": "vm", "type": "zmachine", "data": machine],
            ],
        ]
    }
}
