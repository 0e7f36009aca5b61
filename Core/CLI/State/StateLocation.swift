import Foundation
import JSON

/// The folder that `zos up` fills and the other commands read: `--state`, else `$ZOS_STATE`, else `./.zos`.
public struct StateLocation: Sendable {
    /// Absolute.
    public let path: String

    public init(option: String?, environment: [String: String] = ProcessInfo.processInfo.environment) {
        let given = option ?? environment["ZOS_STATE"].flatMap { $0.isEmpty ? nil : $0 } ?? ".zos"
        path = URL(fileURLWithPath: given).standardizedFileURL.path
    }

    public var file: String { path + "/dev.json" }

    /// Reads what `zos up` wrote.
    public func node() throws(CommandError) -> DevelopmentNode {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw CommandError(
                .unavailable, "there is no node in \(path)",
                hint: "start one with 'zos up', or name its folder with --state")
        }
        do {
            return try JSONValue(parsing: Array(bytes)).decode(DevelopmentNode.self)
        } catch {
            throw CommandError(.failed, "\(file) cannot be read: \(error)", hint: "start the node again with 'zos up'")
        }
    }
}
