import JSON

/// One object of a deployment's text, read by the rules of docs/spec/deployment.md section 2.1.
struct GridRecord {
    private let members: [(name: [UInt8], text: JSONText)]
    private let path: String
    private let policy: DecodingPolicy

    /// `null` reads as an object without members.
    init(_ text: JSONText, path: String, policy: DecodingPolicy) throws(DeploymentError) {
        self.path = path
        self.policy = policy
        guard !text.isNull else {
            members = []
            return
        }
        guard text.isObject else { throw DeploymentError(.json, "\(path) must be an object") }
        members = try Self.json { () throws(JSONError) in
            try text.members().map { (JSONObject.fold($0.key), $0.text) }
        }
        guard policy.repeats == .refused else { return }
        var seen: Set<[UInt8]> = []
        for member in members where !seen.insert(member.name).inserted {
            throw DeploymentError(.json, "\(path) has a member twice")
        }
    }

    func path(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    // The last occurrence that is not null counts, but every one must be of the right kind.
    private func scalar<Value>(
        _ name: String, _ kind: String, zero: Value, _ read: (JSONValue) -> Value?
    ) throws(DeploymentError) -> Value {
        var result = zero
        for text in occurrences(name) {
            let value = try Self.json { () throws(JSONError) in try text.value() }
            if value.isNull { continue }
            guard let scalar = read(value) else {
                throw DeploymentError(.json, "\(path(name)) must be \(kind)")
            }
            result = scalar
        }
        return result
    }

    private func occurrences(_ name: String) -> [JSONText] {
        let folded = JSONObject.fold(name)
        return members.filter { $0.name == folded }.map(\.text)
    }

    func unsigned<Integer: FixedWidthInteger & UnsignedInteger>(
        _ name: String, _ type: Integer.Type = Integer.self
    ) throws(DeploymentError) -> Integer {
        try scalar(name, "an integer of 0 to \(Integer.max)", zero: 0) { value in
            value.numberValue.flatMap { $0.text.utf8.first == UInt8(ascii: "-") ? nil : $0.uint64 }
                .flatMap(Integer.init(exactly:))
        }
    }

    func bool(_ name: String) throws(DeploymentError) -> Bool {
        try scalar(name, "true or false", zero: false, \.boolValue)
    }

    /// Text of at most `limit` bytes.
    func text(_ name: String, limit: Int) throws(DeploymentError) -> String {
        let text = try scalar(name, "text", zero: "", \.stringValue)
        guard text.utf8.count <= limit else {
            throw DeploymentError(.limit, "\(path(name)) is longer than \(limit) bytes")
        }
        return text
    }

    /// Seconds since 1970.
    func time(_ name: String) throws(DeploymentError) -> Int64 {
        try scalar(name, "whole seconds or an RFC 3339 time", zero: 0) { value in
            value.int64Value ?? value.stringValue.flatMap(GridTime.seconds)
        }
    }

    /// A member that is no scalar; nil if absent or null. Repeating it has no sane meaning and is an error.
    func part(_ name: String) throws(DeploymentError) -> JSONText? {
        let all = occurrences(name)
        guard all.count <= 1 else { throw DeploymentError(.json, "\(path(name)) is there twice") }
        guard let text = all.first, !text.isNull else { return nil }
        return text
    }

    func record(_ name: String) throws(DeploymentError) -> GridRecord? {
        guard let text = try part(name) else { return nil }
        return try GridRecord(text, path: path(name), policy: policy)
    }

    /// The elements of a list; nil if absent or null.
    func list(_ name: String, limit: Int) throws(DeploymentError) -> [GridRecord]? {
        guard let text = try part(name) else { return nil }
        guard text.isArray else {
            throw DeploymentError(.json, "\(path(name)) must be a list")
        }
        let elements = try Self.json { () throws(JSONError) in try text.elements() }
        guard elements.count <= limit else {
            throw DeploymentError(.limit, "\(path(name)) has \(elements.count) entries, at most \(limit) are allowed")
        }
        var records: [GridRecord] = []
        for (index, element) in elements.enumerated() {
            records.append(try GridRecord(element, path: "\(path(name))[\(index)]", policy: policy))
        }
        return records
    }

    static func json<Value>(_ body: () throws(JSONError) -> Value) throws(DeploymentError) -> Value {
        do throws(JSONError) {
            return try body()
        } catch {
            throw DeploymentError(error.code == .limit ? .limit : .json, "the JSON text cannot be read: \(error)")
        }
    }
}
