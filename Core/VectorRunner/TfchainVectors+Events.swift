import Chain
import Contracts
import JSON
import Substrate

// Events of blocks, what a node does about them, and errors of calls.
extension TfchainVectors {
    mutating func events(_ entry: JSONValue, _ id: String, _ metadata: RuntimeMetadata) throws {
        let encoded = try entry.hexBytes("encoded")
        let type = try metadata.storage("System", "Events").value
        tally.check(id, "type", expected: try entry.number("type_id").description, got: type.description)
        tally.check(
            id, "key", expected: try entry.text("key"),
            got: HexText.encode(try metadata.storageKey("System", "Events")))
        let events = try metadata.events(encoded)
        tally.check(id, "failure", expected: nil, got: events.failure?.message)
        let expected = entry["records"]?.arrayValue ?? []
        tally.check(id, "count", expected: expected.count.description, got: events.records.count.description)
        for (index, (record, event)) in zip(expected, events.records).enumerated() {
            try self.record(record, event, "\(id), record \(index)", metadata)
        }
        tally.check(
            id, "bytes", expected: HexText.encode(encoded),
            got: HexText.encode(try metadata.encode(events: events.records)))
        try actions(entry, events, id, metadata)
    }

    private mutating func record(
        _ record: JSONValue, _ event: RuntimeEvent, _ id: String, _ metadata: RuntimeMetadata
    ) throws {
        tally.check(id, "pallet", expected: try record.text("pallet"), got: event.pallet)
        tally.check(id, "event", expected: try record.text("event"), got: event.name)
        let pallet = try metadata.pallet(event.pallet)
        let variant = try metadata.event(event.pallet, event.name)
        tally.check(
            id, "indices", expected: "\(try record.number("pallet_index")) \(try record.number("event_index"))",
            got: "\(pallet.index) \(variant.index)")
        guard let events = pallet.events else { throw VectorError("the pallet has no events") }
        let fields = record["fields"] ?? .null
        let isUnit = fields.isNull || fields.objectValue?.members.isEmpty == true
        let tree = try ScaleNotation(registry: metadata.registry).tree(
            isUnit && variant.fields.isEmpty
                ? .string(event.name)
                : .object(JSONObject(members: [JSONMember(key: event.name, value: fields)])), as: events)
        tally.check(id, "fields", expected: "\(tree)", got: "\(ScaleValue.variant(event.name, event.fields))")
        let phase: String =
            switch event.phase {
            case .applyExtrinsic(let index): #"{"ApplyExtrinsic":\#(index)}"#
            case .finalization: #""Finalization""#
            case .initialization: #""Initialization""#
            case .other(let name): name
            }
        tally.check(id, "phase", expected: record["phase"]?.text, got: phase)
        let topics = (record["topics"]?.arrayValue ?? []).compactMap(\.stringValue)
        tally.check(id, "topics", expected: "\(topics)", got: "\(event.topics.map(HexText.encode))")
    }

    private mutating func actions(
        _ entry: JSONValue, _ events: BlockEvents, _ id: String, _ metadata: RuntimeMetadata
    ) throws {
        let (node, farm) = (try entry.uint32("node_id"), try entry.uint32("farm_id"))
        var actions: [JSONValue] = []
        for event in events.records {
            guard let action = NodeAction(try LedgerEvent(event, metadata), node: node, farm: farm) else { continue }
            actions.append(Self.json(action))
        }
        if events.changesRuntime { actions.append(["action": "reload_metadata"]) }
        tally.check(
            id, "actions", expected: try (entry["actions"] ?? .null).canonicalText(),
            got: try JSONValue.array(actions).canonicalText())
    }

    static func json(_ action: NodeAction) -> JSONValue {
        func deployment(_ name: JSONValue, _ twin: UInt32, _ contract: UInt64) -> JSONValue {
            [
                "action": name, "twin": .number(JSONNumber(twin)), "contract": .number(JSONNumber(contract)),
            ]
        }
        func address(_ address: PublicConfig.Address) -> JSONValue {
            [
                "ip": .string(HexText.encode(Array(address.ip.utf8))),
                "gw": .string(HexText.encode(Array(address.gateway.utf8))),
            ]
        }
        switch action {
        case .deprovision(let twin, let contract): return deployment("deprovision", twin, contract)
        case .pause(let twin, let contract): return deployment("pause", twin, contract)
        case .resume(let twin, let contract): return deployment("resume", twin, contract)
        case .publicConfig(let config):
            let members: JSONValue =
                config.map { config in
                    [
                        "ip4": address(config.ip4), "ip6": config.ip6.map(address) ?? .null,
                        "domain": config.domain.map { .string(HexText.encode(Array($0.utf8))) } ?? .null,
                    ]
                } ?? .null
            return ["action": "public_config", "config": members]
        case .powerTarget(let node, let target):
            return [
                "action": "power_target", "node": .number(JSONNumber(node)),
                "target": .string(target.rawValue.lowercased()),
            ]
        case .refreshTwin(let twin): return ["action": "refresh_twin", "twin": .number(JSONNumber(twin.id))]
        }
    }

    mutating func dispatchError(_ entry: JSONValue, _ id: String, _ metadata: RuntimeMetadata) throws {
        let type = try entry.uint32("type_id")
        let encoded = try entry.hexBytes("encoded")
        try roundTrip(entry["value"] ?? .null, encoded, type, ScaleNotation(registry: metadata.registry), id)
        let failure = try metadata.dispatchFailure(try metadata.registry.decode(encoded, as: type))
        tally.check(id, "pallet", expected: entry["pallet"]?.stringValue, got: failure.pallet)
        tally.check(id, "error", expected: try entry.text("error"), got: failure.name)
    }
}
