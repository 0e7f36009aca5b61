import JSON
import PluginSDK

extension ZMachineProvisioner: Commanding {
    public var commands: [String] { ["zos.network.list_private_ips", "machine.info"] }

    /// The addresses of the caller's machines in a network (docs/spec/node-api.md section 5).
    public func answer(_ command: Command<ZMachine>, in context: Context) async throws -> JSONValue {
        guard command.name != "machine.info" else { return try await info(command, in: context) }
        // No name is the empty one, which no network has.
        let network = command.payload["network_name"]?.stringValue ?? ""
        let interfaces = command.workloads.flatMap { $0.data.network.interfaces ?? [] }
        return .array(interfaces.filter { same($0.network, network) }.map { .string($0.ip) })
    }

    /// Bytes of the console's output: its end, or all that is kept.
    private static let shortLog = 16 << 10
    private static let wholeLog = 256 << 10

    /// One machine as administrators see it (docs/spec/node-api.md section 7).
    private func info(_ command: Command<ZMachine>, in context: Context) async throws -> JSONValue {
        guard let workload = command.workloads.first else { throw PluginError.invalid("there is no such machine") }
        let isVerbose = command.payload["verbose"]?.boolValue ?? false
        let status = try await context.acting(for: workload.id).companions.status(
            MachineNames(workload: workload.id).machine, output: isVerbose ? Self.wholeLog : Self.shortLog)
        let size = workload.data.computeCapacity
        return [
            "info": [
                "HtEnabled": false, "Memory": .number(JSONNumber(size.memory)), "CPU": .number(JSONNumber(size.cpu)),
            ],
            "logs": .string(status.output),
            "checks": [
                [
                    "name": "machine", "ok": .bool(status.isRunning),
                    "message": .string(status.isRunning ? "runs for \(status.uptime)" : "its process has ended"),
                ]
            ],
        ]
    }
}
