import JSON

extension SandboxDescription {
    /// What happens with everything that no rule names.
    private static let otherwise =
        "everything else, and numbers of other architectures: the node names call and arguments and ends the worker"
    private static let loading = "executable mappings are let through until the plugin is ready, and never afterwards"

    /// For people.
    public var text: String {
        let plain = calls.filter { $0.entitlement == nil && $0.rules == ["allowed"] }.map(\.name)
        var lines = ["sandbox of \(manifest.id) \(manifest.version)", "", "system calls"]
        lines += Self.wrapped(plain)
        for call in calls where !(call.entitlement == nil && call.rules == ["allowed"]) {
            let origin = call.entitlement.map { " (\($0))" } ?? ""
            lines += call.rules.map { "  \(call.name)\(origin): \($0)" }
        }
        lines += [
            "  " + Self.otherwise, "  " + Self.loading, "  \(filter.instructions) instructions when compiled", "",
            "capabilities  " + Self.list(capabilities),
            "no new privileges, no ambient capabilities, the bounding set is the same",
            "namespaces    " + Self.list(namespaces), "user          one that no other plugin has, without groups", "",
            "files (Landlock)", "  read       " + readable.joined(separator: " "),
            "  write      /dev/null" + manifest.sandbox.folders.map { " folder:\($0)" }.joined(),
            "  execute    nothing",
            "", "limits",
        ]
        lines += limits.map { "  \($0.kind.rawValue) \($0.value)" }
        lines += ["  memory \(manifest.limits.memory) (control group)", "", "services of the node"]
        lines += services.map {
            "  \($0.name) (\($0.entitlement)\($0.parameters == [:] ? "" : " " + $0.parameters.text))"
        }
        lines += ["  for every plugin: " + EntitlementCatalog.freeServices.joined(separator: " "), "", "companions"]
        lines += manifest.companions.isEmpty ? ["  none"] : manifest.companions.map(Self.describe)
        return lines.joined(separator: "\n")
    }

    /// For programs; keys are stable.
    public var json: JSONValue {
        [
            "plugin": .string(manifest.id), "version": .string("\(manifest.version)"),
            "calls": .array(
                calls.map { call in
                    [
                        "name": .string(call.name), "rules": .array(call.rules.map(JSONValue.string)),
                        "entitlement": call.entitlement.map(JSONValue.string) ?? .null,
                    ]
                }),
            "otherwise": .string(Self.otherwise), "loading": .string(Self.loading),
            "instructions": .number(JSONNumber(filter.instructions)),
            "capabilities": .array(capabilities.map(JSONValue.string)),
            "namespaces": .array(namespaces.map(JSONValue.string)),
            "files": [
                "read": .array(readable.map(JSONValue.string)), "write": ["/dev/null"],
                "folders": .array(manifest.sandbox.folders.map(JSONValue.string)), "execute": [],
            ],
            "limits": .object(limitsJSON),
            "services": .array(
                services.map {
                    ["name": .string($0.name), "entitlement": .string($0.entitlement), "parameters": $0.parameters]
                }),
            "free_services": .array(EntitlementCatalog.freeServices.map(JSONValue.string)),
            "companions": .array(manifest.companions.map { .string(Self.describe($0).trimmed) }),
        ]
    }

    private var limitsJSON: JSONObject {
        var object = JSONObject()
        for limit in limits { object[limit.kind.rawValue] = .number(JSONNumber(limit.value)) }
        object["memory"] = .number(JSONNumber(manifest.limits.memory))
        return object
    }

    private static func describe(_ companion: CompanionSpecification) -> String {
        let capabilities = CompanionText.capabilities.enumerated().filter {
            companion.capabilities & 1 << UInt64($0.offset) != 0
        }
        let network =
            switch companion.network {
            case .empty: "no network"
            case .node: "the node's network"
            case .slot(let name): "the namespace in slot \(name)"
            }
        let user = companion.user == .root ? "root" : "a user of its own"
        return "  \(companion.id): \(companion.program) as \(user), capabilities "
            + list(capabilities.map(\.element)) + ", \(network)"
    }

    private static func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: " ") }

    private static func wrapped(_ names: [String]) -> [String] {
        var lines: [String] = []
        var line = " "
        for name in names {
            if line.utf8.count + name.utf8.count > 110 {
                lines.append(line)
                line = " "
            }
            line += " " + name
        }
        return lines + [line]
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
