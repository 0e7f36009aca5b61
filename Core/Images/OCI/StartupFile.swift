import JSON
import Unpacking

/// How a root is started, as packers of container images write it (docs/spec/flist.md section 7).
struct StartupFile {
    static let name = EntryName(checked: [Array(".startup.toml".utf8)])

    private let words: [String]
    private let folder: String
    private let variables: [(String, String)]

    /// From the configuration of an OCI image (OCI image specification, config.md). `User` has no place in it.
    init(image: JSONValue) {
        let config = image["config"]
        func texts(_ member: String) -> [String] { (config?[member]?.arrayValue ?? []).compactMap(\.stringValue) }
        words = texts("Entrypoint") + texts("Cmd")
        folder = config?["WorkingDir"]?.stringValue ?? ""
        variables = texts("Env").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else { return nil }
            return (String(parts[0]), String(parts[1]))
        }
    }

    /// Nil if there is nothing to say.
    var text: String? {
        guard !words.isEmpty || !variables.isEmpty else { return nil }
        var lines = ["[startup.entry]", "name = \"core.system\"", "", "[startup.entry.args]"]
        if let program = words.first {
            lines.append("name = \(Self.quoted(program))")
            lines.append("args = [\(words.dropFirst().map(Self.quoted).joined(separator: ", "))]")
        }
        if !folder.isEmpty && folder != "/" { lines.append("dir = \(Self.quoted(folder))") }
        if !variables.isEmpty {
            lines += ["", "[startup.entry.args.env]"]
            lines += variables.map { "\(Self.key($0.0)) = \(Self.quoted($0.1))" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func key(_ text: String) -> String {
        let isBare = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "-")
        }
        return isBare ? text : quoted(text)
    }

    /// A basic string of TOML.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 32 || scalar.value == 127:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
