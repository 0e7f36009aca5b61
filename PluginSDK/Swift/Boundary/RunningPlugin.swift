import JSON

/// A started plugin: turns the bytes of a request into an operation, and what comes of it into the bytes of a reply.
final class RunningPlugin: Sendable {
    private let plugin: Plugin
    private let context: Context

    init(plugin: Plugin, context: Context) {
        self.plugin = plugin
        self.context = context
    }

    /// Begins on the calling thread and goes on elsewhere after the first wait, so that an operation that waits for
    /// nothing costs no thread switch. The task's end is the reply; the node stops the plugin only when none is open.
    func serve(_ operation: Operation, _ request: [UInt8], answering reply: PendingReply) {
        Task.immediate { [plugin, context] in
            do {
                let answer = try await plugin.serve(operation, try JSONValue(parsing: request), in: context)
                reply.succeed(answer)
            } catch {
                reply.fail(error as? PluginError ?? .failed("\(error)"))
            }
        }
    }
}
