import Chain
import Contracts
import JSON
import Signatures
import Substrate

// What the metadata says, keys, stored values and their meaning.
extension TfchainVectors {
    mutating func lookup(_ entry: JSONValue, _ id: String, _ metadata: RuntimeMetadata) throws {
        let name = try entry.text("name")
        let pallet = try metadata.pallet(try entry.text("pallet"))
        if let index = entry["pallet_index"]?.uint64Value {
            tally.check(id, "pallet", expected: index.description, got: pallet.index.description)
        }
        switch try entry.text("what") {
        case "call": try variant(try metadata.call(pallet.name, name), entry, id)
        case "event": try variant(try metadata.event(pallet.name, name), entry, id)
        case "error": try variant(try metadata.error(pallet.name, name), entry, id)
        case "storage": try item(try metadata.storage(pallet.name, name), of: pallet, entry, id, metadata)
        case "constant":
            let constant = try metadata.constant(pallet.name, name)
            tally.check(id, "type", expected: try entry.number("type_id").description, got: constant.type.description)
            tally.check(id, "bytes", expected: try entry.text("encoded"), got: HexText.encode(constant.bytes))
            try roundTrip(
                entry["value"] ?? .null, constant.bytes, constant.type, ScaleNotation(registry: metadata.registry), id)
        case let other: throw VectorError("\(other) is not known")
        }
    }

    private mutating func variant(_ found: RegistryType.Variant, _ entry: JSONValue, _ id: String) throws {
        tally.check(id, "index", expected: try entry.number("index").description, got: found.index.description)
        let expected = (entry["fields"]?.arrayValue ?? []).map {
            [$0["name"]?.stringValue, $0["type_id"]?.text, $0["type_name"]?.stringValue].map { $0 ?? "-" }
        }
        let got = found.fields.map { [$0.name ?? "-", $0.type.description, $0.typeName ?? "-"] }
        tally.check(id, "fields", expected: "\(expected)", got: "\(got)")
    }

    private mutating func item(
        _ found: StorageEntry, of pallet: Pallet, _ entry: JSONValue, _ id: String, _ metadata: RuntimeMetadata
    ) throws {
        tally.check(id, "prefix", expected: try entry.text("prefix"), got: pallet.storagePrefix)
        tally.check(id, "modifier", expected: try entry.text("modifier"), got: Self.name(found.modifier))
        let hashers = (entry["hashers"]?.arrayValue ?? []).compactMap(\.stringValue)
        tally.check(id, "hashers", expected: "\(hashers)", got: "\(found.hashers.map(\.name))")
        let keys = (entry["key_type_ids"]?.arrayValue ?? []).map(\.text)
        tally.check(id, "keys", expected: "\(keys)", got: "\(try metadata.keyTypes(of: found).map(\.description))")
        tally.check(id, "value", expected: try entry.number("value_type_id").description, got: found.value.description)
        tally.check(id, "default", expected: try entry.text("default"), got: HexText.encode(found.fallback))
    }

    mutating func storageKey(_ entry: JSONValue, _ id: String, _ metadata: RuntimeMetadata) throws {
        let (pallet, item) = (try entry.text("pallet"), try entry.text("item"))
        let notation = ScaleNotation(registry: metadata.registry)
        let hashers = try metadata.storage(pallet, item).hashers
        var arguments: [ScaleValue] = []
        for (index, argument) in (entry["args"]?.arrayValue ?? []).enumerated() {
            let type = try argument.uint32("type_id")
            arguments.append(try notation.tree(argument["value"] ?? .null, as: type))
            tally.check(
                id, "argument \(index)", expected: try argument.text("encoded"),
                got: HexText.encode(try metadata.registry.encode(arguments[index], as: type)))
            tally.check(
                id, "hasher \(index)", expected: try argument.text("hasher"),
                got: hashers.indices.contains(index) ? hashers[index].name : nil)
        }
        let key = try metadata.storageKey(pallet, item, arguments)
        tally.check(id, "key", expected: try entry.text("key"), got: HexText.encode(key))
        tally.check(
            id, "arguments of the key", expected: "\(arguments)",
            got: "\(try metadata.storageArguments(pallet, item, of: key) ?? [])")
    }

    mutating func storageValue(_ entry: JSONValue, _ id: String, _ metadata: RuntimeMetadata) throws {
        let (pallet, item) = (try entry.text("pallet"), try entry.text("item"))
        let type = try metadata.storage(pallet, item).value
        let encoded = try entry.hexBytes("encoded")
        tally.check(id, "type", expected: try entry.number("value_type_id").description, got: type.description)
        try roundTrip(entry["value"] ?? .null, encoded, type, ScaleNotation(registry: metadata.registry), id)
        guard let value = try metadata.storageValue(pallet, item, encoded) else {
            return tally.check(id, "stored", expected: "a value", got: nil)
        }
        try model(value, item, encoded, type, id, metadata)
        guard let typed = entry["typed"] else { return }
        switch item {
        case "Twins": view(try Twin(value), typed, id)
        case "Contracts": view(try Contract(value), typed, id)
        default: throw VectorError("there is no view of \(item)")
        }
    }

    /// From the tree to the ledger's model and back to the same bytes.
    private mutating func model(
        _ value: ScaleValue, _ item: String, _ encoded: [UInt8], _ type: UInt32, _ id: String,
        _ metadata: RuntimeMetadata
    ) throws {
        let back: ScaleValue
        switch item {
        case "Twins":
            // The model has no entities, which nothing here uses.
            guard try value.field("entities").elements().isEmpty else { return }
            back = try Twin(value).tree
        case "Nodes": back = try Node(value).tree
        case "Farms":
            guard try value.field("farming_policy_limits").optional() == nil else { return }
            back = try Farm(value).tree
        case "Contracts": back = try Contract(value).tree
        case "NodeContractResources": back = try ContractResources(value).tree
        case "NodePower": back = try NodePower(value).tree
        default: return
        }
        tally.check(
            id, "bytes of the model", expected: HexText.encode(encoded),
            got: HexText.encode(try metadata.registry.encode(back, as: type)))
    }

    private mutating func view(_ twin: Twin, _ typed: JSONValue, _ id: String) {
        tally.check(id, "id", expected: typed["id"]?.text, got: twin.id.description)
        tally.check(id, "account", expected: typed["address"]?.stringValue, got: twin.account.address)
        let relays = typed["relays"]?.arrayValue?.compactMap(\.stringValue)
        tally.check(id, "relays", expected: "\(relays as Any)", got: "\(twin.relays as Any)")
        tally.check(
            id, "encryption key", expected: typed["encryption_key"]?.stringValue,
            got: twin.pk.map { HexText.encode($0.bytes) })
    }

    private mutating func view(_ contract: Contract, _ typed: JSONValue, _ id: String) {
        var members: [(String, JSONValue)] = [
            ("id", JSONValue.number(JSONNumber(contract.id))), ("twin", .number(JSONNumber(contract.twin))),
            ("solution_provider", contract.solutionProvider.map { .number(JSONNumber($0)) } ?? .null),
        ]
        switch contract.state {
        case .created: members.append(("state", "created"))
        case .gracePeriod(let block):
            members += [("state", "grace_period"), ("grace_since_block", .number(JSONNumber(block)))]
        case .deleted(let cause):
            members += [("state", "deleted"), ("cause", .string(Self.snake(cause.rawValue)))]
        case .other(let name): members.append(("state", .string(name)))
        }
        switch contract.kind {
        case .node(let agreed):
            let ips = agreed.publicIPs.map { ip -> JSONValue in
                [
                    "ip": .string(ip.ip), "gateway": .string(ip.gateway),
                    "contract": .number(JSONNumber(ip.contract)),
                ]
            }
            members += [
                ("kind", "node"), ("node", .number(JSONNumber(agreed.node))),
                ("deployment_hash_text", .string(agreed.hash.description)),
                ("deployment_data", .string(String(decoding: agreed.data.bytes, as: UTF8.self))),
                ("public_ip_count", .number(JSONNumber(agreed.publicIPCount))), ("public_ips", .array(ips)),
            ]
        case .name(let name): members += [("kind", "name"), ("name", .string(name))]
        case .rent(let node): members += [("kind", "rent"), ("node", .number(JSONNumber(node)))]
        case .other(let name): members.append(("kind", .string(name)))
        }
        let got = JSONValue.object(JSONObject(members: members.map { JSONMember(key: $0.0, value: $0.1) }))
        tally.check(id, "contract", expected: try? typed.canonicalish(), got: try? got.canonicalish())
    }

    mutating func storageAbsent(_ entry: JSONValue, _ id: String, _ metadata: RuntimeMetadata) throws {
        let (pallet, item) = (try entry.text("pallet"), try entry.text("item"))
        let found = try metadata.storage(pallet, item)
        tally.check(id, "modifier", expected: try entry.text("modifier"), got: Self.name(found.modifier))
        let value = try metadata.storageValue(pallet, item, nil)
        tally.check(id, "absent", expected: entry["absent"]?.boolValue ?? false, got: value == nil)
        guard let expected = entry["value"] else { return }
        let tree = try ScaleNotation(registry: metadata.registry).tree(expected, as: found.value)
        tally.check(id, "default", expected: "\(tree)", got: value.map { "\($0)" })
    }

    private static func name(_ modifier: StorageEntry.Modifier) -> String {
        switch modifier {
        case .optional: "Optional"
        case .default: "Default"
        }
    }

    /// `CanceledByUser` as `canceled_by_user`.
    private static func snake(_ name: String) -> String {
        name.reduce(into: "") { text, character in
            if character.isUppercase, !text.isEmpty { text += "_" }
            text += character.lowercased()
        }
    }
}

extension JSONValue {
    /// Members in order of their names, numbers as they are written.
    fileprivate func canonicalish() throws -> String {
        guard let object = objectValue else { return text }
        return try object.members.sorted { $0.key < $1.key }.map { "\($0.key): \(try $0.value.canonicalish())" }
            .joined(separator: ", ")
    }
}
