import JSON

/// Whether the text around the data of the workloads is strict, as the canonical form wants it
/// (docs/spec/challenge-rules.md section 4).
enum StrictEnvelope {
    /// What is wrong with the text when the given places are left out; nil if it is strict.
    static func fault(in text: [UInt8], without places: [Range<Int>], limits: DeploymentLimits) -> String? {
        var envelope: [UInt8] = []
        var position = 0
        for place in places.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            envelope += text[position..<place.lowerBound]
            envelope.append(UInt8(ascii: "0"))
            position = place.upperBound
        }
        envelope += text[position...]
        do throws(JSONError) {
            let value = try JSONValue(
                parsing: envelope, mode: .strict,
                limits: JSONLimits(maxBytes: limits.text, maxDepth: limits.depth))
            return hasRepeatedMember(value) ? "a member of the deployment is there twice" : nil
        } catch {
            return error.message
        }
    }

    private static func hasRepeatedMember(_ value: JSONValue) -> Bool {
        switch value {
        case .array(let values): return values.contains(where: hasRepeatedMember)
        case .object(let object):
            var seen: Set<[UInt8]> = []
            return object.members.contains {
                !seen.insert(JSONObject.fold($0.key)).inserted || hasRepeatedMember($0.value)
            }
        default: return false
        }
    }
}
