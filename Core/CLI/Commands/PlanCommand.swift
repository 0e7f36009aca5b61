import ArgumentParser
import Client
import JSON

/// `zos plan -f FILE [--contract N]`.
struct PlanCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Say what deploying or updating would do; nothing is made.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "A node of a network") var grid: GridOptions
    @Argument(help: "The deployment to update, by contract or name; a new one unless given.")
    var deployment: String?
    @Option(name: .shortAndLong, help: "The deployment file; - for standard input.")
    var file: String

    func execute(with session: Session) async throws {
        let description = try DeploymentFile.read(file)
        var contract: UInt64?
        if let deployment { contract = try await session.contract(deployment) }
        let plan = try await session.builder().plan(description, updating: contract)
        let workloads = plan.steps?["workloads"]?.arrayValue ?? []
        var rows: [[String]] = []
        for workload in plan.deployment.workloads {
            let planned = workloads.first { $0["name"]?.stringValue == workload.name }
            let isChanged = workload.version == plan.deployment.version
            let operation =
                planned?["operation"]?.stringValue ?? (!isChanged ? "keep" : contract == nil ? "add" : "add or update")
            rows.append(["  " + operation, workload.name, workload.type, planned?["capacity"].map(Self.capacity) ?? ""])
        }
        for removed in workloads where removed["operation"]?.stringValue == "remove" {
            rows.append(["  remove", removed["name"]?.stringValue ?? "", removed["type"]?.stringValue ?? "", ""])
        }
        let heading =
            "version \(plan.deployment.version), hash \(plan.challenge.hex), public IPv4 addresses \(plan.publicIPs)"
        global.output.result(
            [
                "hash": .string(plan.challenge.hex), "version": .number(JSONNumber(plan.deployment.version)),
                "public_ips": .number(JSONNumber(plan.publicIPs)), "steps": plan.steps ?? .null,
                "deployment": plan.deployment.displayJSON,
            ], text: heading + "\n" + Output.table(rows))
    }

    private static func capacity(_ value: JSONValue) -> String {
        (value.objectValue?.members ?? []).compactMap { member in
            member.value.uint64Value.flatMap { $0 == 0 ? nil : "\(member.key) \($0)" }
        }.joined(separator: ", ")
    }
}
