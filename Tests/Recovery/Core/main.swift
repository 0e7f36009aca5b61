// A core that is made to be killed: starts one companion, says which process it is, and waits.
import Glibc
import Hosting
import JSON

let arguments = CommandLine.arguments
guard arguments.count == 4 else { preconditionFailure("usage: recovery-core <shim> <folder> <control group>") }
let runner = try CompanionRunner(
    CompanionConfiguration(
        shim: arguments[1], folder: arguments[2] + "/companions", cgroup: arguments[3], rootPolicy: .refused)
) { 990_001 }
let registry = SubjectRegistry()
registry.record(
    Subject(id: "7-12-x", twin: 7, contract: 12, name: "x", type: "thing", version: 0, data: [:]), of: "first")
let brokers = try Brokers(
    BrokerConfiguration(
        node: 1, state: arguments[2] + "/state", run: arguments[2] + "/run", namespaces: arguments[2] + "/netns"),
    registry: registry, companions: runner)
let specification = try CompanionSpecification(parsing: [
    "id": "shell", "program": "/bin/sh", "arguments": ["-c", "echo alive; exec sleep 1000"],
])
brokers.register(PluginRights(plugin: "first", entitlements: [:], companions: [specification]))
let answer = await brokers.serve(
    HostCall(
        plugin: "first", service: "companion.start", workload: "7-12-x",
        request: ["companion": "shell", "instance": "one"]))
let line = Array((answer.payload.text + "\n").utf8)
guard write(1, line, line.count) == line.count else { preconditionFailure("nobody listens") }
while true { try await Task.sleep(for: .seconds(3600)) }
