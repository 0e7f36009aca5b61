import Deployments
import JSON

extension Deployment {
    /// The user's name for it, from the metadata that `zos deploy` writes.
    var displayName: String? { (try? JSONValue(parsing: metadata))?["name"]?.stringValue }

    /// For `--json`: the grid's own form.
    var displayJSON: JSONValue { (try? JSONValue(parsing: json)) ?? .null }

    /// A heading and a row for each workload.
    var displayText: String {
        let name = displayName.map { " \"\($0)\"" } ?? ""
        let heading = "contract \(contract)\(name), twin \(twin), version \(version)"
        let rows = workloads.map { workload in
            [
                "  " + workload.name, workload.type, "v\(workload.version)", workload.result.state.rawValue,
                workload.note,
            ]
        }
        return ([heading] + (rows.isEmpty ? [] : [Output.table(rows)])).joined(separator: "\n")
    }
}

extension Workload {
    /// The message of its result, else the result's data.
    var note: String {
        if !result.message.isEmpty { return result.message }
        let data = result.data?.compacted ?? ""
        return data == "null" || data == "{}" ? "" : data
    }

    var displayJSON: JSONValue { (try? JSONValue(parsing: json)) ?? .null }
}
