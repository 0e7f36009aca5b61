import JSON

/// Turns a document into nodes. References are resolved at the end, by the places where schemas were found.
struct SchemaCompiler {
    static let draft = "https://json-schema.org/draft/2020-12/schema"

    private(set) var nodes: [SchemaNode] = []
    var tracksEvaluation = false
    private let document: JSONValue
    private var places: [[UInt8]: Int] = [:]
    private var anchors: [[UInt8]: Int] = [:]
    private var references: [(node: Int, rule: Int, target: String)] = []
    private var patternStates = 0

    init(_ document: JSONValue) { self.document = document }

    mutating func run() throws(SchemaError) {
        _ = try compile(document, at: "")
        for reference in references {
            nodes[reference.node].rules[reference.rule] = .reference(
                try resolve(reference.target, from: nodes[reference.node].path))
        }
        try refuseCircles()
    }

    /// Compiles the schema at `path` and what is in it.
    mutating func compile(_ schema: JSONValue, at path: String, nesting: Int = 0) throws(SchemaError)
        -> Int
    {
        guard nodes.count < SchemaLimits.subschemas else {
            throw SchemaError(.limit, path, "schema", "more than \(SchemaLimits.subschemas) subschemas")
        }
        guard nesting < SchemaLimits.nesting else {
            throw SchemaError(
                .limit, path, "schema", "subschemas nested deeper than \(SchemaLimits.nesting)")
        }
        let index = nodes.count
        nodes.append(SchemaNode(path: path))
        places[Array(path.utf8)] = index
        switch schema {
        case .bool(true): break
        case .bool(false): nodes[index].rules = [.nothing]
        case .object(let object):
            var keywords = SchemaKeywords(object, path: path, node: index, nesting: nesting + 1)
            let rules = try keywords.rules(&self)
            nodes[index].rules = rules
            for (rule, target) in keywords.references { references.append((index, rule, target)) }
        default: throw SchemaError(.invalid, path, "schema", "a schema is an object, true or false")
        }
        return index
    }

    mutating func addAnchor(_ name: String, node: Int, at path: String) throws(SchemaError) {
        guard anchors.updateValue(node, forKey: Array(name.utf8)) == nil else {
            throw SchemaError(.invalid, path, "$anchor", "the name is given twice")
        }
    }

    mutating func pattern(_ text: String, at path: String, _ keyword: String) throws(SchemaError)
        -> Pattern
    {
        do throws(PatternError) {
            let pattern = try Pattern(text)
            patternStates += pattern.size
            guard patternStates <= SchemaLimits.patternStates else {
                throw PatternError(
                    "all patterns together have more than \(SchemaLimits.patternStates) states")
            }
            return pattern
        } catch {
            throw SchemaError(.badPattern, path, keyword, error.message)
        }
    }

    private func resolve(_ target: String, from path: String) throws(SchemaError) -> Int {
        var text = Array(target.utf8)
        if let base = document["$id"]?.stringValue, !base.isEmpty, text.starts(with: base.utf8) {
            text.removeFirst(base.utf8.count)
        }
        guard text.first == UInt8(ascii: "#") || text.isEmpty else {
            throw SchemaError(
                .unsupported, path, "$ref", "only references inside the document (\"#…\") are supported")
        }
        guard let fragment = Self.percentDecoded(text.dropFirst()) else {
            throw SchemaError(.badReference, path, "$ref", "a broken percent escape")
        }
        if let node = places[fragment] ?? anchors[fragment] { return node }
        throw SchemaError(
            .badReference, path, "$ref", "it leads to nothing, or to something that is no schema")
    }

    private static func percentDecoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                output.append(byte)
                continue
            }
            guard let high = rest.popFirst(), let low = rest.popFirst(),
                let high = Character(Unicode.Scalar(high)).hexDigitValue,
                let low = Character(Unicode.Scalar(low)).hexDigitValue
            else { return nil }
            output.append(UInt8(high << 4 | low))
        }
        return output
    }

    /// Refuses subschemas that lead back to themselves without going into the value.
    private func refuseCircles() throws(SchemaError) {
        enum Mark { case new, open, done }
        var marks = Array(repeating: Mark.new, count: nodes.count)
        for start in nodes.indices where marks[start] == .new {
            var stack = [(start, leaving: false)]
            while let (node, leaving) = stack.popLast() {
                if leaving {
                    marks[node] = .done
                    continue
                }
                if marks[node] != .new { continue }
                marks[node] = .open
                stack.append((node, true))
                for next in nodes[node].rules.flatMap(\.inPlace) {
                    if marks[next] == .open {
                        throw SchemaError(
                            .badReference, nodes[node].path, "$ref", "references in a circle that never ends")
                    }
                    if marks[next] == .new { stack.append((next, false)) }
                }
            }
        }
    }
}
