import JSON
import WorkerSandbox

extension EntitlementDefinition {
    /// Names of linux/capability.h without `CAP_`.
    var capabilityNames: [String] {
        capabilities.sorted().compactMap {
            let names = CompanionText.capabilities
            return names.indices.contains(Int($0)) ? names[Int($0)] : nil
        }
    }

    /// What it opens, heading by heading; headings without content are left out.
    private var parts: [(heading: String, lines: [String])] {
        [
            (
                "parameters",
                parameters.map { "\($0.name)\($0.isRequired ? "" : " (optional)"): \($0.kind.text); \($0.summary)" }
            ),
            ("capabilities", capabilityNames.map { "\($0), in a user namespace of the plugin's own" }),
            ("system calls", CallRule.readings(of: calls).flatMap { call in call.lines.map { "\(call.name): \($0)" } }),
            ("files", paths), ("descriptors", descriptors),
            ("services", services), ("companions", companions),
        ].filter { !$0.1.isEmpty }
    }

    /// For people.
    public var text: String {
        var lines = [name, "  " + summary]
        for part in parts { lines += ["", part.heading] + part.lines.map { "  " + $0 } }
        return lines.joined(separator: "\n")
    }

    /// For programs; keys are stable.
    public var json: JSONValue {
        [
            "name": .string(name), "summary": .string(summary),
            "parameters": .array(
                parameters.map {
                    [
                        "name": .string($0.name), "required": .bool($0.isRequired), "value": .string($0.kind.text),
                        "summary": .string($0.summary),
                    ]
                }),
            "capabilities": .array(capabilityNames.map(JSONValue.string)),
            "calls": .array(calls.map { ["call": .string($0.name), "rule": .string($0.reading)] }),
            "files": .array(paths.map(JSONValue.string)), "descriptors": .array(descriptors.map(JSONValue.string)),
            "services": .array(services.map(JSONValue.string)), "companions": .array(companions.map(JSONValue.string)),
        ]
    }

    fileprivate var markdown: String {
        var lines = ["## `\(name)`", "", summary]
        for part in parts {
            lines.append("")
            if part.heading == "system calls" {
                let readings = CallRule.readings(of: calls)
                let plain = readings.filter { $0.lines == ["allowed"] }.map { "`\($0.name)`" }
                let tested = readings.filter { $0.lines != ["allowed"] }.map {
                    "`\($0.name)` (\($0.lines.joined(separator: "; ")))"
                }
                lines.append("**System calls**: " + (plain + tested).joined(separator: ", ") + ".")
            } else if part.heading == "services" {
                lines.append("**Services**: " + services.map { "`\($0)`" }.joined(separator: ", ") + ".")
            } else {
                let heading = part.heading.prefix(1).uppercased() + part.heading.dropFirst()
                lines.append("**\(heading)**: " + part.lines.joined(separator: "; ") + ".")
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension EntitlementCatalog {
    /// The document docs/entitlements.md, which a test compares with this.
    public static var markdown: String {
        let basic = CallRule.readings(of: CallRule.basic(process: 1))
        let plain = basic.filter { $0.lines == ["allowed"] }.map { "`\($0.name)`" }
        let tested = basic.filter { $0.lines != ["allowed"] }.map {
            "- `\($0.name)`: \($0.lines.joined(separator: "; "))"
        }
        return """
            # Entitlements

            <!-- Written by `zos plugin entitlements --markdown`; a test compares it with the code. -->

            An entitlement is a right that a manifest asks for, with the author's reason:
            `{"name": "folder", "parameters": {"name": "pool"}, "reason": "Keeps the files of its workloads."}`. Whoever
            installs the plugin sees both. A name or a parameter that does not exist is refused with the nearest one that
            does. Each entitlement may be asked for once, `folder` once for each folder.

            `zos plugin sandbox FOLDER` shows what a manifest amounts to; `zos plugin entitlements NAME` shows one entry of
            this catalogue. A development node that is configured with `unsafe_trace_plugins` lets a plugin go on after a
            forbidden call, lists what it tried, and suggests the smallest set ([plugins.md](plugins.md), Tracing).

            ## What every plugin has

            A process, a user without groups, and namespaces of its own; no capability; reading of the C library, the
            Swift runtime and its own package; `/dev/null`. These services: \(freeServices.map { "`\($0)`" }.joined(separator: ", ")).
            Those of companions work for what the manifest's `companions` declares.

            **System calls**: \(plain.joined(separator: ", ")).

            With conditions:

            \(tested.joined(separator: "\n"))

            Everything else is a violation: the node names plugin, call and arguments and ends the worker before the call
            runs. That no entitlement opens `execve`, `socket`, `ptrace`, `mount`, `unshare`, `bpf` and their like is on
            purpose; what needs them belongs into a companion or a service of the node.

            \(all.map(\.markdown).joined(separator: "\n\n"))
            """
    }
}
