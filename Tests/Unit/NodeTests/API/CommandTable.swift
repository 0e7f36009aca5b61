import Foundation
import JSON
import Schema

/// Every command of a node with who may call it and what comes back: `Tests/API/commands.json`.
struct CommandTable {
    struct Row: Sendable, CustomStringConvertible {
        let number: Int
        let command: String
        /// `any`, `owner`, `farmer` or `admin`.
        let callers: String
        let request: JSONValue
        /// What the result must be; nil if there is none.
        let result: Schema?
        /// The refusal, in full; together with a result if the machine decides.
        let error: String?
        let errorPart: String?
        /// What those read who do not own what is asked for; nil if they are answered like the owner.
        let others: String?

        var description: String { "\(number): \(command) \(request.text)" }
    }

    static let rows: [Row] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../API/commands.json")
        guard let bytes = try? Data(contentsOf: file), let list = try? JSONValue(parsing: Array(bytes)) else {
            return []
        }
        return (list.arrayValue ?? []).enumerated().compactMap { number, row in
            guard let command = row["command"]?.stringValue, let callers = row["callers"]?.stringValue else {
                return nil
            }
            return Row(
                number: number, command: command, callers: callers, request: row["request"] ?? .null,
                result: row["result"].flatMap { try? Schema(compiling: $0) }, error: row["error"]?.stringValue,
                errorPart: row["errorPart"]?.stringValue, others: row["others"]?.stringValue)
        }
    }()
}
