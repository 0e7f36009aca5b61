import ArgumentParser
import JSON

/// `zos new-workload TYPE`.
struct NewWorkloadCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "new-workload", abstract: "Write a deployment file with one workload of a type, explained.",
        discussion: """
            Made from the schema of the type, for any type that the node has. Required members are there, optional ones are
            comments. The file goes to standard output: zos new-workload echo > hello.yaml
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "A node of a network") var grid: GridOptions
    @Argument(help: "The type, as in 'zos types'.")
    var type: String
    @Option(help: "Name of the workload and of the deployment; the type's name unless given.")
    var name: String?

    func execute(with session: Session) async throws {
        let found = try await KnownType.find(type, by: session.client)
        let example = WorkloadExample(of: found, name: name ?? found.name.replacing("-", with: "_"))
        let problems = example.problems.map { problem -> JSONValue in
            ["path": .string(problem.path), "rule": .string(problem.rule), "message": .string(problem.message)]
        }
        // The text ends with a line's end of its own.
        global.output.result(
            ["file": .string(example.text), "data": example.data, "problems": .array(problems)],
            text: String(example.text.dropLast()))
    }
}
