import JSON

extension ChallengeRule {
    /// Applies the rule to the text of data as it was received. Throws `.dataDecode` and `.dataLimit`.
    ///
    /// - Parameter repeats: nodes refuse repeated members; the other value is for old hashes.
    public func evaluate(
        _ data: [UInt8], repeats: DecodingPolicy.Repeats = .refused
    ) throws(DeploymentError) -> EvaluatedData {
        switch form {
        case .canonical: return try Self.evaluateCanonical(data)
        case .fields(let shape, let former): return try Self.evaluate(data, shape, former, repeats)
        }
    }

    private static func evaluate(
        _ data: [UInt8], _ shape: RecordShape, _ former: [Int]?, _ repeats: DecodingPolicy.Repeats
    ) throws(DeploymentError) -> EvaluatedData {
        let object = try object(data, .lenient)
        var decoder = RuleDecoder(repeats: repeats)
        let values = try decoder.record(object, shape, "data")
        // Hashed before it is written, since only the hash has a bound on what short data can blow up to.
        var part = PartWriter()
        try part.write(values, shape, order: shape.order)
        var formerPart: [UInt8]?
        if let former, shape.order.allSatisfy({ former.contains($0) || values[$0].isZero(shape.fields[$0]) }) {
            var writer = PartWriter()
            try writer.write(values, shape, order: former)
            formerPart = writer.bytes
        }
        let value = RuleValue.record(values).json(.record(shape))
        return EvaluatedData(value: value, text: value.text, part: part.bytes, formerPart: formerPart)
    }

    private static func evaluateCanonical(_ data: [UInt8]) throws(DeploymentError) -> EvaluatedData {
        let object = try object(data, .strict)
        let text: String
        let value: JSONValue
        do throws(JSONError) {
            text = try JSONValue.object(object).canonicalText()
            value = try JSONValue(parsing: text)
        } catch {
            throw DeploymentError(.dataDecode, "data: \(error.description)")
        }
        guard text.utf8.count <= maximumPart else {
            throw DeploymentError(.dataLimit, "data: more than \(maximumPart) bytes to hash")
        }
        return EvaluatedData(value: value, text: text, part: Array(text.utf8), formerPart: nil)
    }

    private static func object(_ data: [UInt8], _ mode: JSONMode) throws(DeploymentError) -> JSONObject {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(
                parsing: data, mode: mode, limits: JSONLimits(maxBytes: maximumData, maxDepth: maximumDepth))
        } catch {
            throw DeploymentError(error.code == .limit ? .dataLimit : .dataDecode, "data: \(error.description)")
        }
        guard let object = value.objectValue else { throw DeploymentError(.dataDecode, "data: must be an object") }
        return object
    }
}
