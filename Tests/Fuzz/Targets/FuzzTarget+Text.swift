import Deployments
import JSON
import Schema

extension FuzzTarget {
    /// JSON of both kinds; what was read is written, read again and the same.
    static let json = FuzzTarget("json") {
        try FuzzSeeds.texts("deployments.json", ["deployment_json"]).prefix(40)
            + FuzzSeeds.files(["Tests/Vectors/jcs-rfc8785/input"], ".json")
    } run: { bytes in
        for mode in [JSONMode.strict, .lenient] {
            guard let value = try? JSONValue(parsing: bytes, mode: mode) else { continue }
            guard let again = try? JSONValue(parsing: value.text, mode: mode) else {
                return "what was written cannot be read"
            }
            if again.text != value.text { return "what was written reads as something else" }
            guard let canonical = try? value.canonicalText() else { continue }
            if (try? JSONValue(parsing: canonical).canonicalText()) != canonical {
                return "canonical text is not stable"
            }
        }
        return nil
    }

    /// A schema, a zero byte and an instance for it.
    static let schema = FuzzTarget("schema") {
        let groups = try FuzzSeeds.files(["Tests/Vectors/json-schema-2020-12"], ".json").flatMap {
            try JSONValue(parsing: $0, mode: .lenient).arrayValue ?? []
        }
        return groups.compactMap { group -> [UInt8]? in
            guard let schema = group["schema"], let data = group["tests"]?[0]?["data"] else { return nil }
            return Array(schema.text.utf8) + [0] + Array(data.text.utf8)
        }
    } run: { bytes in
        let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
        guard let document = try? JSONValue(parsing: parts[0]), let schema = try? Schema(compiling: document) else {
            return nil
        }
        let instance = parts.count > 1 ? try? JSONValue(parsing: parts[1]) : nil
        _ = schema.validate(instance ?? document)
        return nil
    }

    /// A deployment as a client sends it: read, written, read again, hashed.
    static let deployment = FuzzTarget("deployment") {
        Array(try FuzzSeeds.texts("deployments.json", ["deployment_json"]).prefix(120))
    } run: { bytes in
        for policy in [DecodingPolicy.received, .answered, .reference] {
            guard let deployment = try? Deployment(parsing: bytes, policy: policy) else { continue }
            _ = try? deployment.challenge(repeats: .lastCounts)
            _ = deployment.json
        }
        _ = try? ChallengeRule(parsing: bytes)
        return nil
    }
}
