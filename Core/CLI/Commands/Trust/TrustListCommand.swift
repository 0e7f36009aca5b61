import ArgumentParser
import JSON

/// `zos trust list`.
struct TrustListCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show publishers, pins and minimum versions.")

    @OptionGroup var global: GlobalOptions

    func execute() async throws {
        let policy = try TrustSession(global.location).file.policy().json
        var rows = (policy["publishers"]?.arrayValue ?? []).map { publisher in
            let types = (publisher["types"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: " ")
            return [
                publisher["revoked"]?.boolValue == true ? "revoked" : "trusted", publisher["name"]?.stringValue ?? "",
                types, publisher["key"]?.stringValue ?? "",
            ]
        }
        for pin in policy["pins"]?.objectValue?.members ?? [] {
            rows.append(["pinned", pin.key, (pin.value["digest"] ?? pin.value["versions"])?.stringValue ?? ""])
        }
        for minimum in policy["minimum_versions"]?.objectValue?.members ?? [] {
            rows.append(["minimum", minimum.key, minimum.value.stringValue ?? ""])
        }
        global.output.result(policy, text: rows.isEmpty ? "nobody is trusted" : Output.table(rows))
    }
}
