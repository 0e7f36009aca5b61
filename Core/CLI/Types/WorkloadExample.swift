import JSON
import Schema

/// A deployment file with one workload of a type, made from its schema: what is required is there, what is optional is
/// a comment, and everything is explained.
struct WorkloadExample {
    /// The file, YAML.
    let text: String
    /// The data that the file holds, without what is commented out.
    let data: JSONValue
    /// What still has to be filled in; empty if the file can be deployed as it is.
    let problems: [SchemaViolation]

    init(of type: KnownType, name: String) {
        var writer = ExampleWriter(type: type)
        data = writer.write(SchemaView(type.schema))
        // A schema that this program cannot compile is judged by the node.
        problems = (try? Schema(compiling: type.schema))?.validate(data) ?? []
        var lines = ["# \(type.heading)"]
        lines += type.notes.map { "# \($0)" }
        lines += problems.map { "# To fill in: \($0)" }
        lines += ["name: \(name)", "workloads:", "  - name: \(name)", "    type: \(type.name)"]
        lines += writer.lines.count == 0 ? ["    data: \(data.text)"] : ["    data:"] + writer.lines
        text = lines.joined(separator: "\n") + "\n"
    }
}
