import ArgumentParser
import Client
import Deployments
import JSON

/// `zos deploy -f FILE`.
struct DeployCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy", abstract: "Deploy a file: check, make the contract, sign, send, follow.",
        discussion: "The file is YAML or JSON with 'name' and 'workloads'; each workload has 'name', 'type' and 'data'."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "A node of a network") var grid: GridOptions
    @Option(name: .shortAndLong, help: "The deployment file; - for standard input.")
    var file: String
    @Option(help: "Seconds to wait for the workloads.")
    var timeout = 600
    @Flag(help: "Return as soon as the node has accepted.")
    var detach = false

    func execute(with session: Session) async throws {
        let description = try DeploymentFile.read(file)
        let progress = WorkloadProgress(global.output)
        let builder = session.builder { progress.show($0) }
        let deployed = try await builder.deploy(description, deadline: detach ? nil : .seconds(timeout))
        global.output.result(deployed.displayJSON, text: deployed.displayText)
    }
}

/// `zos update [NAME|CONTRACT] -f FILE`.
struct UpdateCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Bring a deployment to what the file says; what did not change is left alone.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "A node of a network") var grid: GridOptions
    @Argument(help: "Contract or name; the file's name unless given.")
    var deployment: String?
    @Option(name: .shortAndLong, help: "The deployment file; - for standard input.")
    var file: String
    @Option(help: "Seconds to wait for the workloads.")
    var timeout = 600
    @Flag(help: "Return as soon as the node has accepted.")
    var detach = false

    func execute(with session: Session) async throws {
        let contract: UInt64
        let description: DeploymentDescription
        if let deployment {
            contract = try await session.contract(deployment)
            // A file that does not name the deployment does not rename it.
            description = try DeploymentFile.read(
                file, name: try await session.client.deployment(contract: contract).displayName)
        } else {
            description = try DeploymentFile.read(file)
            contract = try await session.contract(description.name)
        }
        let progress = WorkloadProgress(global.output)
        let updated = try await session.builder { progress.show($0) }.update(
            contract: contract, to: description, deadline: detach ? nil : .seconds(timeout))
        global.output.result(updated.displayJSON, text: updated.displayText)
    }
}
