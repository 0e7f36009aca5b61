import Hosting
import JSON

/// How a workload's record is written into the journal's columns and steps.
extension WorkloadRecord {
    /// What a step carries: the workload as it shall be, without results.
    var targetText: String {
        let json: JSONValue = [
            "name": .string(name), "type": .string(type), "version": .number(JSONNumber(version)),
            "metadata": .string(metadata), "description": .string(description), "received": .string(received),
            "data": data, "demands": WorkloadRecord.encode(demands), "capacity": capacity.json,
        ]
        return json.text
    }

    /// Nil for a text that no `targetText` made; the caller says what that means for its step.
    init?(targetText: String) {
        guard let json = try? JSONValue(parsing: targetText, mode: .strict),
            let name = json["name"]?.stringValue, let type = json["type"]?.stringValue,
            let version = json["version"]?.uint64Value.flatMap(UInt32.init(exactly:)),
            let metadata = json["metadata"]?.stringValue, let description = json["description"]?.stringValue,
            let received = json["received"]?.stringValue, let data = json["data"],
            let capacity = json["capacity"].flatMap(Capacity.init)
        else { return nil }
        self.init(
            name: name, type: type, version: version, metadata: metadata, description: description, received: received,
            data: data, created: 0, demands: WorkloadRecord.decodeDemands(json["demands"] ?? .null), capacity: capacity)
    }

    static func encode(_ demands: [ReferenceDemand]) -> JSONValue {
        .array(
            demands.map { demand in
                [
                    "pointer": .string(demand.pointer), "name": .string(demand.name),
                    "exports": .array(demand.exports.map { .string($0) }),
                    "types": demand.types.map { .array($0.map { .string($0) }) } ?? .null,
                    "scope": .string(demand.scope.rawValue),
                ]
            })
    }

    static func decodeDemands(_ json: JSONValue) -> [ReferenceDemand] {
        (json.arrayValue ?? []).compactMap { item in
            guard let pointer = item["pointer"]?.stringValue, let name = item["name"]?.stringValue else { return nil }
            return ReferenceDemand(
                pointer: pointer, name: name, exports: (item["exports"]?.arrayValue ?? []).compactMap(\.stringValue),
                types: item["types"]?.arrayValue.map { $0.compactMap(\.stringValue) },
                scope: item["scope"]?.stringValue.flatMap(ReferenceDeclaration.Scope.init(rawValue:)) ?? .deployment)
        }
    }

    static func decodeExports(_ json: JSONValue) -> [Export] {
        (json.arrayValue ?? []).compactMap { item in
            item["kind"]?.stringValue.map { Export(kind: $0, value: item["value"] ?? .null) }
        }
    }
}
