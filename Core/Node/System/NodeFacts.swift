import JSON

/// Names that are facts about the world and no rules of this program: a table, read once.
struct NodeFacts: Sendable {
    /// Features in the order in which the grid's nodes list them (docs/spec/node-api.md section 6).
    let features: [String]
    /// What a hypervisor calls itself in the processor's own words, and its usual name (systemd-detect-virt(1)).
    let processor: [String: String]
    /// Beginnings of firmware texts, and the name of the hypervisor that has them; the first match counts.
    let firmware: [(beginning: String, name: String)]
    /// Hypervisors that pass for another one in the processor's words, so that the firmware is believed first.
    let beforeProcessor: [String]

    static let table = NodeFacts(PackageResources.node_facts_json)

    /// A table that cannot be read is empty: a node without names for things still works.
    init(_ bytes: [UInt8]) {
        let value = (try? JSONValue(parsing: bytes)) ?? .null  // It comes with the program; its test reads it.
        func texts(_ value: JSONValue?) -> [String] { (value?.arrayValue ?? []).compactMap(\.stringValue) }
        features = texts(value["features"])
        beforeProcessor = texts(value["before_processor"])
        let names = value["processor"]?.objectValue?.members ?? []
        processor = Dictionary(names.map { ($0.key, $0.value.stringValue ?? "") }, uniquingKeysWith: { $1 })
        firmware = (value["firmware"]?.arrayValue ?? []).compactMap { pair in
            guard let beginning = pair[0]?.stringValue, let name = pair[1]?.stringValue else { return nil }
            return (beginning, name)
        }
    }
}
