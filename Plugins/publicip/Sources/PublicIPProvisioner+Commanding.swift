import JSON
import PluginSDK

extension PublicIPProvisioner: Commanding {
    public var commands: [String] { ["zos.network.list_public_ips", "zos.publicip.counters"] }

    public func answer(_ command: Command<PublicIP>, in context: Context) async throws -> JSONValue {
        switch command.name {
        case "zos.network.list_public_ips":
            let taken = try await context.reservations.list(in: PublicNames.space)
            return .array(taken.map { .string($0.value) })
        case "zos.publicip.counters":
            var answers: [JSONValue] = []
            for workload in command.workloads {
                let names = PublicNames(workload: workload.id)
                let drops = try await PublicSegment(context: context).withFilter {
                    try SpoofFilter.drops(names, $0)
                }
                answers.append([
                    "workload": .string(workload.id), "name": .string(workload.name), "tap": .string(names.tap),
                    "packets": .number(JSONNumber(drops.reduce(0) { $0 &+ $1.packets })),
                    "drops": try JSONValue(encoding: drops),
                ])
            }
            return .array(answers)
        default: throw PluginError.unsupported("no command \(command.name)")
        }
    }
}
