import Hosting
import JSON

/// What `zos plugin inspect` says of a package.
struct InspectionReport {
    let inspection: PackageInspection
    let path: String
    /// The installed version, if another folder than it is looked at.
    let installed: InstalledPlugins.Package?

    private var manifest: Manifest { inspection.manifest }
    private var changes: [ManifestDifference.Change]? {
        installed.map { ManifestDifference(from: $0.document, to: inspection.document).changes }
    }

    var lines: [String] {
        var rows: [[String]] = [["publisher", signer]]
        rows.append(["verdict", inspection.refusal.map { "would be refused: \($0)" } ?? "would be accepted"])
        if let digest = inspection.digest { rows.append(["digest", digest]) }
        rows.append(["size", "\(inspection.size) bytes"])
        rows.append(["abi", "\(manifest.abi.lowerBound)–\(manifest.abi.upperBound)"])
        if let license = manifest.license { rows.append(["license", license]) }
        if let homepage = manifest.homepage { rows.append(["homepage", homepage]) }
        rows += manifest.types.map { ["type", $0.name] }
        rows += manifest.commands.map { ["command", "\($0.name), for \($0.callers.rawValue)"] }
        rows += manifest.features.map { ["feature", $0] }
        rows += manifest.entitlements.map { entitlement in
            let isBare = entitlement.parameters.objectValue?.isEmpty ?? true
            return [
                "entitlement",
                "\(entitlement.name)\(isBare ? "" : " \(entitlement.parameters.text)"): \(entitlement.reason)",
            ]
        }
        rows += (inspection.document["companions"]?.arrayValue ?? []).map { ["companion", Self.companion($0)] }
        rows.append(["limits", limits])
        let migrates = inspection.document["state"]?["migrates"].map { ", reads also \($0.text)" } ?? ""
        rows.append(["state", "version \(inspection.document["state"]?["version"]?.text ?? "1")\(migrates)"])
        let heading = "\(manifest.id) \(manifest.version): \(manifest.summary)"
        return [heading] + Output.table(rows.map { ["  " + $0[0], $0[1]] }).split(separator: "\n").map(String.init)
            + differences
    }

    private var differences: [String] {
        guard let installed, let changes else { return [] }
        guard !changes.isEmpty else { return ["same manifest as the installed \(installed.version)"] }
        let marks: [ManifestDifference.Kind: String] = [.added: "+", .removed: "-", .changed: "~"]
        return ["compared with the installed \(installed.version):"]
            + changes.map { change in
                let words = [change.what, change.name, change.detail].filter { !$0.isEmpty }
                return "  \(marks[change.kind] ?? "") \(words.joined(separator: " "))"
            }
    }

    private var signer: String {
        switch inspection.signer {
        case .nobody: "not signed"
        case .unknown(let id): "signed by an unknown key with the id \(id)"
        case .known(let publisher):
            "\(publisher.name)\(publisher.isRevoked ? " (revoked)" : ""), \(publisher.key.base64)"
        }
    }

    private var limits: String {
        let limits = manifest.limits
        return
            "\(limits.memory >> 20) MiB, \(limits.processes) processes, \(limits.descriptors) descriptors, \(limits.calls) calls"
    }

    private static func companion(_ document: JSONValue) -> String {
        let user = document["user"]?.stringValue ?? "own"
        let network = document["network"].map { $0.stringValue ?? $0.text } ?? "empty"
        let capabilities = (document["capabilities"]?.arrayValue ?? []).compactMap(\.stringValue)
        let rights = capabilities.isEmpty ? "no capability" : capabilities.joined(separator: " ")
        let reason = document["reason"]?.stringValue.map { ": \($0)" } ?? ""
        return "\(document["id"]?.stringValue ?? "") runs \(document["program"]?.stringValue ?? "") as \(user), "
            + "\(rights), network \(network)\(reason)"
    }

    var json: JSONValue {
        var publisher: JSONValue = .null
        if case .known(let known) = inspection.signer {
            publisher = [
                "name": .string(known.name), "key": .string(known.key.base64), "revoked": .bool(known.isRevoked),
            ]
        } else if case .unknown(let id) = inspection.signer {
            publisher = ["key_id": .string(id)]
        }
        let differences: JSONValue? = changes.map { changes in
            .array(
                changes.map {
                    [
                        "kind": .string($0.kind.rawValue), "what": .string($0.what), "name": .string($0.name),
                        "detail": .string($0.detail),
                    ]
                })
        }
        return [
            "manifest": inspection.document, "path": .string(path), "publisher": publisher,
            "digest": inspection.digest.map(JSONValue.string) ?? .null,
            "refusal": inspection.refusal.map {
                [
                    "code": .string($0.code.rawValue), "message": .string($0.message),
                    "hint": $0.hint.map(JSONValue.string) ?? .null,
                ]
            } ?? .null, "installed": installed.map { .string($0.version) } ?? .null,
            "differences": differences ?? .null,
        ]
    }
}
