/// What a root says about how it is started: `/.startup.toml` (docs/spec/flist.md section 7).
struct Startup: Sendable, Hashable {
    var program: [String] = []
    var directory: String?
    var variables: [String] = []
    var values: [String] = []

    /// Reads the little of TOML that packers write: tables, texts and lists of texts. Anything else is skipped, since
    /// a root that says nothing usable is like one that says nothing.
    init(_ text: String) {
        var table = ""
        var arguments: [String] = []
        for statement in Startup.statements(text) {
            if statement.hasPrefix("[") {
                table = statement.filter { $0 != "[" && $0 != "]" && $0 != " " }
                continue
            }
            guard let equals = statement.firstIndex(of: "=") else { continue }
            let key = String(statement[..<equals].filter { $0 != " " && $0 != "\t" && $0 != "\"" })
            let texts = Startup.texts(statement[statement.index(after: equals)...])
            switch (table, key) {
            case ("startup.entry.args", "name"): program = Array(texts.prefix(1))
            case ("startup.entry.args", "args"): arguments = texts
            case ("startup.entry.args", "dir"): directory = texts.first.flatMap { $0.isEmpty ? nil : $0 }
            case ("startup.entry.args.env", _):
                guard let value = texts.first else { continue }
                variables.append(key)
                values.append(value)
            default: continue
            }
        }
        if !program.isEmpty { program += arguments }
    }

    /// Lines, with those of one list joined.
    private static func statements(_ text: String) -> [String] {
        var statements: [String] = []
        var open = ""
        for line in text.split(whereSeparator: \.isNewline) {
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            guard !trimmed.isEmpty, !trimmed.hasPrefix("#") else { continue }
            open += open.isEmpty ? String(trimmed) : " " + trimmed
            let isOpen = !open.hasPrefix("[") && open.contains("[") && !open.contains("]")
            guard !isOpen else { continue }
            statements.append(open)
            open = ""
        }
        return open.isEmpty ? statements : statements + [open]
    }

    /// The quoted texts of a value, in order.
    private static func texts(_ value: Substring) -> [String] {
        var texts: [String] = []
        var rest = value
        while let quote = rest.firstIndex(where: { $0 == "\"" || $0 == "'" }) {
            let isLiteral = rest[quote] == "'"
            var text = ""
            var at = rest.index(after: quote)
            while at < rest.endIndex, rest[at] != rest[quote] {
                if rest[at] == "\\", !isLiteral, rest.index(after: at) < rest.endIndex {
                    at = rest.index(after: at)
                    text.append(["n": "\n", "t": "\t", "r": "\r"][rest[at]] ?? rest[at])
                } else {
                    text.append(rest[at])
                }
                at = rest.index(after: at)
            }
            texts.append(text)
            guard at < rest.endIndex else { break }
            rest = rest[rest.index(after: at)...]
        }
        return texts
    }
}
