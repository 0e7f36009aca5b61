import Foundation
import JSON
import Node

/// The operator's way to the node of a state folder.
struct NodeControl: Sendable {
    private let client: ControlClient

    init(_ location: StateLocation) {
        // A node of the system keeps its sockets in /run/zos.
        let own = location.path + "/run/control.sock"
        let isSystem = location.path == "/var/lib/zos" && !FileManager.default.fileExists(atPath: own)
        client = ControlClient(path: isSystem ? "/run/zos/control.sock" : own)
    }

    /// Asks the node. Throws `CommandError`.
    func ask(
        _ command: String, _ arguments: JSONValue = [:], patience: Duration = .seconds(60)
    ) async throws(CommandError) -> JSONValue {
        do throws(ControlError) {
            return try await client.ask(command, arguments, patience: patience)
        } catch {
            throw CommandError(Self.kind(of: error.code), error.message, hint: error.hint)
        }
    }

    /// As `ask`; nil if no node runs.
    func askIfRunning(_ command: String, _ arguments: JSONValue = [:]) async throws(CommandError) -> JSONValue? {
        do throws(ControlError) {
            return try await client.ask(command, arguments)
        } catch {
            if error.code.utf8.elementsEqual("unavailable".utf8) { return nil }
            throw CommandError(Self.kind(of: error.code), error.message, hint: error.hint)
        }
    }

    private static func kind(of code: String) -> CommandError.Kind {
        switch code {
        case "unavailable", "notRunning", "busy": .unavailable
        case "not_found", "unknown_command", "unknownType": .notFound
        case "timed_out", "deadlineExceeded": .timedOut
        case "failed", "operationFailed", "rolled_back": .failed
        default: .invalid
        }
    }
}
