import Deployments
import JSON
import TestVectors
import Testing

@Suite("Decoders under random input")
struct DecoderFuzzTests {
    /// SplitMix64, so that a seed names a run.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    private static let snippets: [[UInt8]] = [
        "null", "-0", "1e999", "18446744073709551616", "\"\"", "{}", "[]", "[[[[", "\\ud800", "\u{17f}ize", "\"data\":",
        "\"Version\":1,", "::ffff:1.2.3.4/40", "true", ",", "\"", "\\", "9007199254740993",
    ].map { Array($0.utf8) }

    private static func mutated(_ text: [UInt8], _ generator: inout Generator) -> [UInt8] {
        var text = text
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let position = Int.random(in: 0...text.count, using: &generator)
            let end = min(text.count, position + Int.random(in: 0...12, using: &generator))
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: text.replaceSubrange(position..<end, with: [UInt8.random(in: 0...255, using: &generator)])
            case 1: text.replaceSubrange(position..<end, with: snippets.randomElement(using: &generator) ?? [])
            case 2: text.removeSubrange(position..<end)
            default: text.insert(contentsOf: text[position..<end], at: position)
            }
        }
        return text
    }

    @Test("whatever bytes come, the answer is a deployment or an error; what is written back reads the same")
    func deployments() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = Generator(state: seed)
        let cases = try #require(try VectorFile.load("deployments.json")["cases"]?.arrayValue)
        let texts = cases.compactMap { $0["deployment_json"]?.stringValue }.map { Array($0.utf8) }
        var read = 0
        for _ in 0..<3000 {
            let text = Self.mutated(try #require(texts.randomElement(using: &generator)), &generator)
            for policy in [DecodingPolicy.received, .reference] {
                guard let deployment = try? Deployment(parsing: text, policy: policy) else { continue }
                read += 1
                let again = try Deployment(parsing: Array(deployment.json.utf8), policy: .answered)
                #expect(again == deployment, "seed \(seed)")
                guard let challenge = try? deployment.challenge(repeats: .lastCounts) else { continue }
                #expect(challenge.hash.count == 16, "seed \(seed)")
            }
        }
        #expect(read > 0, "seed \(seed)")
    }

    @Test("normalised data is its own normal form and hashes alike")
    func normalForm() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = Generator(state: seed)
        let cases = try #require(try VectorFile.load("challenge-rules.json")["cases"]?.arrayValue)
        let texts = cases.compactMap { $0["data_json"]?.stringValue }.filter { $0.utf8.count < 2000 }.map {
            Array($0.utf8)
        }
        for _ in 0..<3000 {
            let text = Self.mutated(try #require(texts.randomElement(using: &generator)), &generator)
            // Canonical text is not always its own: 1e20 is written as an integer that may not be sent.
            _ = try? ChallengeRule.canonical.evaluate(text)
            for rule in HistoricTypes.all.map(\.rule) {
                guard let data = try? rule.evaluate(text, repeats: .lastCounts) else { continue }
                let again = try rule.evaluate(Array(data.text.utf8))
                #expect(again.text.utf8.elementsEqual(data.text.utf8), "seed \(seed)")
                #expect(again.part == data.part, "seed \(seed)")
                #expect(again.formerPart == data.formerPart, "seed \(seed)")
            }
        }
    }

    @Test("whatever bytes come, the answer is a rule or an error")
    func rules() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = Generator(state: seed)
        let texts = HistoricTypes.all.map { Array($0.rule.canonicalText.utf8) }
        for _ in 0..<3000 {
            let text = Self.mutated(try #require(texts.randomElement(using: &generator)), &generator)
            guard let rule = try? ChallengeRule(parsing: text) else { continue }
            #expect(try ChallengeRule(parsing: Array(rule.canonicalText.utf8)) == rule, "seed \(seed)")
        }
    }
}
