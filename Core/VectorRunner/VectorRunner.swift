import Deployments
import JSON
import RMB

/// Runs files of test vectors through the code that node and client use, whatever their names and values.
public enum VectorRunner {
    /// Bytes of a vector file.
    private static let limits = JSONLimits(maxBytes: 256 << 20, maxDepth: 256)

    /// Recognises a file by its content and runs all of it.
    ///
    /// - Parameters:
    ///   - plugins: the rules of installed types; checks that need a rule that is not there are not applicable.
    ///   - neighbour: the bytes of a file of that name beside this one, which some formats need; nil if there is none.
    /// - Throws: if the text is no JSON.
    public static func run(
        _ text: [UInt8], plugins: (any TypeRules)? = nil, neighbour: (String) -> [UInt8]? = { _ in nil }
    ) async throws(VectorError) -> VectorReport {
        let file: JSONValue
        do throws(JSONError) {
            file = try JSONValue(parsing: text, mode: .lenient, limits: limits)
        } catch {
            throw VectorError("not a vector file: \(error)")
        }
        let format = VectorFormat(of: file)
        let cases = file["cases"]?.arrayValue ?? []
        let rules = VectorRules(plugins: plugins)
        let tally = VectorTally(format)
        switch format {
        case .deployments:
            var vectors = DeploymentVectors(rules: rules, keys: VectorKeys(file), tally: tally)
            for entry in cases { await vectors.run(entry) }
            return vectors.tally.report
        case .upgrades:
            let order = (file["type_order"]?.arrayValue ?? []).compactMap(\.stringValue)
            let types = order.isEmpty ? HistoricTypes.all.map(\.name) : order
            var vectors = UpgradeVectors(rules: rules, typeOrder: types, tally: tally)
            for entry in cases { await vectors.run(entry) }
            return vectors.tally.report
        case .capacity:
            var vectors = CapacityVectors(rules: rules, tally: tally)
            for (index, entry) in cases.enumerated() { await vectors.run(entry, index: index) }
            return vectors.tally.report
        case .workloadIDs:
            var vectors = WorkloadIDVectors(tally: tally)
            vectors.run(file)
            return vectors.tally.report
        case .rawSignatures:
            var vectors = RawSignatureVectors(tally: tally)
            for (index, entry) in cases.enumerated() { vectors.run(entry, index: index) }
            return vectors.tally.report
        case .formerHashes:
            var vectors = FormerHashVectors(tally: tally)
            for entry in cases { vectors.run(entry) }
            return vectors.tally.report
        case .challengeRules:
            var vectors = ChallengeRuleVectors(tally: tally)
            vectors.table(file["types"])
            for entry in cases { vectors.run(entry) }
            return vectors.tally.report
        case .jsonSchema:
            var vectors = SchemaVectors(tally: tally)
            for group in file.arrayValue ?? [] { vectors.run(group) }
            return vectors.tally.report
        case .rmbDirect:
            return await messages(cases, tally, RMBVectors(file: file).run)
        case .rmbRelay:
            return await messages(cases, tally, RelayVectors(file: file).run)
        case .tfchain:
            var vectors = TfchainVectors(
                file: file, metadata: neighbour(TfchainVectors.metadataFile), tally: tally)
            for entry in cases { await vectors.run(entry) }
            return vectors.tally.report
        case .canonicalJSON, .other:
            return other(file, cases, tally)
        }
    }

    private static func messages(
        _ cases: [JSONValue], _ tally: VectorTally, _ run: (JSONValue) async -> VectorVerdict
    ) async -> VectorReport {
        var tally = tally
        for (index, entry) in cases.enumerated() {
            let kind = entry["kind"]?.stringValue ?? "case"
            switch await run(entry) {
            case .passed: tally.check("", kind, expected: true, got: true)
            case .failed(let why):
                tally.check(entry["name"]?.stringValue ?? "case \(index)", kind, expected: "to pass", got: why)
            case .notApplicable(let reason): tally.skip(kind, because: reason)
            }
        }
        return tally.report
    }

    private static func other(_ file: JSONValue, _ cases: [JSONValue], _ tally: VectorTally) -> VectorReport {
        var tally = tally
        for _ in 0..<max(1, cases.count) {
            tally.skip("file", because: "its format is not one of the parts that this version has")
        }
        return tally.report
    }
}
