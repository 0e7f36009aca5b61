import ArgumentParser
import JSON

/// `zos plugin trace [ID]`.
struct PluginTraceCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Show what plugins tried beyond their entitlements, and which would cover it.",
        discussion: "Needs a development node whose configuration says unsafe_trace_plugins = true.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "A node of a network") var grid: GridOptions
    @Argument(help: "The id of a plugin; all of them unless given.")
    var plugin: String?

    func execute(with session: Session) async throws {
        let arguments = plugin.map { JSONValue.object(["plugin": .string($0)]) } ?? [:]
        let traces = try await session.client.call("zos.unsafe.trace", arguments).arrayValue ?? []
        let texts = traces.compactMap { $0["text"]?.stringValue }
        global.output.result(
            ["traces": .array(traces)],
            text: texts.isEmpty ? "no plugin tried anything beyond its entitlements" : texts.joined(separator: "\n\n"))
    }
}
