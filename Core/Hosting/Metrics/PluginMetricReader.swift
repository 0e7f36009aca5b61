import JSON
import Synchronization

/// Reads what plugins say about themselves, within bounds: a plugin can neither flood whoever collects figures nor pretend to be
/// somebody else (docs/metrics.md).
final class PluginMetricReader: Sendable {
    /// Bytes of one reply.
    static let replyLimit = 64 << 10
    /// Families of one plugin.
    static let familyLimit = 64
    /// Different samples that a plugin may ever show while the node runs: labels are sets that are known beforehand.
    static let sampleLimit = 512
    private static let labelLimit = 4
    private static let valueLimit = 32

    private let seen = Mutex<[String: Set<Series>]>([:])

    private struct Series: Hashable {
        let family: [UInt8]
        let labels: [MetricFamily.Label]
    }

    /// Figures of `plugin`: each family's name gets `node_plugin_<plugin>_` in front, each sample the label `plugin`.
    /// - Throws: `protocolViolation` naming what is wrong.
    func families(_ reply: JSONValue, of plugin: String) throws(HostingError) -> [MetricFamily] {
        guard reply.text.utf8.count <= Self.replyLimit else {
            throw Self.wrong(plugin, "more than \(Self.replyLimit) bytes")
        }
        guard let list = reply["metrics"]?.arrayValue, list.count <= Self.familyLimit else {
            throw Self.wrong(plugin, "no list 'metrics' of at most \(Self.familyLimit)")
        }
        var families: [MetricFamily] = []
        for entry in list {
            let family = try family(entry, plugin)
            guard !families.contains(where: { $0.name.utf8.elementsEqual(family.name.utf8) }) else {
                throw Self.wrong(plugin, "\(family.name) twice")
            }
            families.append(family)
        }
        try remember(families, of: plugin)
        return families
    }

    /// Forgets a plugin that is gone.
    func forget(_ plugin: String) { seen.withLock { $0[plugin] = nil } }

    private func remember(_ families: [MetricFamily], of plugin: String) throws(HostingError) {
        let new = families.flatMap { family in
            family.samples.map { Series(family: Array(family.name.utf8), labels: $0.labels) }
        }
        let fits = seen.withLock { seen in
            let all = (seen[plugin] ?? []).union(new)
            guard all.count <= Self.sampleLimit else { return false }
            seen[plugin] = all
            return true
        }
        guard fits else { throw Self.wrong(plugin, "more than \(Self.sampleLimit) different samples") }
    }

    private func family(_ entry: JSONValue, _ plugin: String) throws(HostingError) -> MetricFamily {
        guard let name = entry["name"]?.stringValue, Self.isName(name) else {
            throw Self.wrong(plugin, "a name that is not 1 to 64 of a-z, 0-9 and _, beginning with a letter")
        }
        guard let kind = entry["kind"]?.stringValue.flatMap(MetricFamily.Kind.init(rawValue:)), kind != .histogram
        else {
            throw Self.wrong(plugin, "\(name) as neither counter nor gauge")
        }
        var sets: [String: [String]] = [:]
        let declared = entry["labels"]?.objectValue?.members ?? []
        guard declared.count <= Self.labelLimit else {
            throw Self.wrong(plugin, "\(name) with more than \(Self.labelLimit) labels")
        }
        for member in declared {
            let values = (member.value.arrayValue ?? []).compactMap(\.stringValue)
            guard Self.isName(member.key), !member.key.utf8.elementsEqual("plugin".utf8), !values.isEmpty,
                values.count <= Self.valueLimit, values.allSatisfy(Self.isValue)
            else {
                throw Self.wrong(
                    plugin, "\(name) with a label that is no name, or not a set of 1 to \(Self.valueLimit) short values"
                )
            }
            sets[member.key] = values
        }
        let help = PlainText.line(entry["help"]?.stringValue ?? "", atMost: 200)
        var family = MetricFamily(Self.prefix(of: plugin) + name, kind, help)
        let samples = entry["samples"]?.arrayValue ?? []
        guard samples.count <= Self.sampleLimit else { throw Self.wrong(plugin, "\(name) with too many samples") }
        for sample in samples { family.samples.append(try Self.sample(sample, name, sets, kind, plugin)) }
        guard Set(family.samples.map(\.labels)).count == family.samples.count else {
            throw Self.wrong(plugin, "one sample of \(name) twice")
        }
        return family
    }

    private static func sample(
        _ sample: JSONValue, _ name: String, _ sets: [String: [String]], _ kind: MetricFamily.Kind, _ plugin: String
    ) throws(HostingError) -> MetricFamily.Sample {
        guard let value = sample["value"]?.numberValue?.double, value.isFinite, kind == .gauge || value >= 0 else {
            throw wrong(plugin, "\(name) with a value that is no number, or a negative counter")
        }
        let given = sample["labels"]?.objectValue?.members ?? []
        var labels = [MetricFamily.Label("plugin", plugin)]
        for key in sets.keys.sorted() {
            let value = given.first { $0.key.utf8.elementsEqual(key.utf8) }?.value.stringValue
            guard let value, sets[key]?.contains(where: { $0.utf8.elementsEqual(value.utf8) }) == true else {
                throw wrong(plugin, "\(name) with a value of '\(key)' that is not in its set")
            }
            labels.append(MetricFamily.Label(key, value))
        }
        guard given.count == sets.count else { throw wrong(plugin, "\(name) with a label that it did not declare") }
        return MetricFamily.Sample(labels: labels, value: value)
    }

    /// `node_plugin_org_example_echo_` for `org.example.echo`.
    static func prefix(of plugin: String) -> String {
        "node_plugin_" + String(plugin.map { $0.isLetter || $0.isNumber ? $0 : "_" }) + "_"
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return false }
        return text.utf8.count <= 64
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
    }

    private static func isValue(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }

    private static func wrong(_ plugin: String, _ what: String) -> HostingError {
        HostingError(.protocolViolation, "plugin \(plugin) reports metrics that cannot be shown: \(what)")
    }
}
