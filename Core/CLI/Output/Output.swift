import Foundation
import JSON

/// Where a command writes: for people or, with `--json`, one JSON object per command.
struct Output: Sendable {
    let isJSON: Bool

    /// The command's result, in both forms.
    func result(_ json: JSONValue, text: @autoclosure () -> String) {
        let line = isJSON ? json.text : text()
        if !line.isEmpty { print(line) }
    }

    /// A line about what goes on; silent with `--json`.
    func note(_ line: String) {
        if !isJSON { print(line) }
        fflush(nil)
    }

    /// A failure: on standard error, or as an object on standard output.
    func failure(_ error: CommandError) {
        if isJSON {
            let body: JSONValue = [
                "code": .string(error.kind.rawValue), "message": .string(error.message),
                "hint": error.hint.map(JSONValue.string) ?? .null, "retryable": .bool(error.isRetryable),
            ]
            print(JSONValue.object(["error": body]).text)
        } else {
            var text = "zos: \(error.message)\n"
            if let hint = error.hint { text += "hint: \(hint)\n" }
            FileHandle.standardError.write(Data(text.utf8))
        }
    }

    /// Columns as wide as their widest cell.
    static func table(_ rows: [[String]]) -> String {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        return rows.map { row in
            row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
            }.joined()
        }.joined(separator: "\n")
    }
}
