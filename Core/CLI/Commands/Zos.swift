import ArgumentParser

/// Everything that a person types.
public struct Zos: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "zos",
        abstract: "Run workloads on a grid node.",
        discussion: """
            The node is found through its state folder: --state, else $ZOS_STATE, else ./.zos.

            Exit codes: 0 done, 1 failed, 2 refused or not right, 3 not found, 4 node or ledger not reachable,
            5 a workload failed, 6 timed out, 64 wrong arguments.
            """,
        version: "0.1.0",
        subcommands: [
            UpCommand.self, DownCommand.self, DeployCommand.self, PlanCommand.self, UpdateCommand.self,
            CancelCommand.self, GetCommand.self, ListCommand.self, ChangesCommand.self, TypesCommand.self,
            ExplainCommand.self, NewWorkloadCommand.self, NodeCommand.self, TwinCommand.self, ContractCommand.self,
            PluginCommand.self, TrustCommand.self, RelayCommand.self,
            DoctorCommand.self, DevCommand.self,
        ])

    public init() {}
}

/// What is being developed here, rather than deployed.
struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev", abstract: "Tools for developers.", subcommands: [DevVectorsCommand.self])
}
