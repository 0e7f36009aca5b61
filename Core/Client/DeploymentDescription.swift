import Deployments
import JSON
import Naming

/// A deployment as people write it: what they want, without ids, versions, hashes and signatures.
///
/// ```json
/// { "name": "shop", "metadata": "…", "description": "…", "public_ips": 1,
///   "workloads": [ { "name": "data", "type": "…", "data": { … }, "metadata": "…", "description": "…" } ] }
/// ```
/// Only `workloads` with `name`, `type` and `data` are needed. Unknown members are refused: they are typing errors.
public struct DeploymentDescription: Sendable {
    /// One workload.
    public struct Item: Sendable {
        public let name: String
        public let type: String
        public let data: JSONValue
        public let metadata: String
        public let description: String
    }

    public let name: String
    public let metadata: String
    public let description: String
    /// Addresses to reserve with the contract; nil to ask the node how many the workloads take.
    public let publicIPs: UInt32?
    public let workloads: [Item]

    private static let members = ["name", "metadata", "description", "public_ips", "workloads"]
    private static let itemMembers = ["name", "type", "data", "metadata", "description"]

    /// - Throws: `invalid`, naming the member.
    public init(_ value: JSONValue) throws(ClientError) {
        let object = try Self.object(value, "the deployment", members: Self.members)
        name = try Self.text(object, "name", in: "the deployment") ?? ""
        description = try Self.text(object, "description", in: "the deployment") ?? ""
        // The grid's tools look for a name in the metadata.
        metadata =
            try Self.metadata(object, in: "the deployment")
            ?? (name.isEmpty ? "" : (["name": .string(name)] as JSONValue).text)
        if let count = object["public_ips"] {
            guard let number = count.uint64Value.flatMap(UInt32.init(exactly:)) else {
                throw Self.invalid("public_ips of the deployment must be a number of addresses")
            }
            publicIPs = number
        } else {
            publicIPs = nil
        }
        guard let items = object["workloads"]?.arrayValue, !items.isEmpty else {
            throw Self.invalid("workloads of the deployment must be a list with at least one workload")
        }
        var workloads: [Item] = []
        for (index, item) in items.enumerated() { workloads.append(try Self.item(item, index: index)) }
        self.workloads = workloads
    }

    /// The deployment without contract and signatures. Every workload has the deployment's version.
    public func deployment(twin: UInt32, version: UInt32 = 0) -> Deployment {
        Deployment(
            version: version, twin: twin, metadata: metadata, description: description,
            signatureRequirement: .owner(twin),
            workloads: workloads.map { item in
                Workload(
                    version: version, name: item.name, type: item.type, data: RawJSON(item.data),
                    metadata: item.metadata, description: item.description)
            })
    }

    private static func item(_ value: JSONValue, index: Int) throws(ClientError) -> Item {
        let place = "workload \(index + 1)"
        let object = try Self.object(value, place, members: itemMembers)
        guard let name = try text(object, "name", in: place), !name.isEmpty else {
            throw invalid("\(place) has no name")
        }
        guard let type = try text(object, "type", in: place), !type.isEmpty else {
            throw invalid("workload '\(name)' has no type")
        }
        guard let data = object["data"], !data.isNull else {
            throw invalid("workload '\(name)' has no data; write {} if its type needs none")
        }
        return Item(
            name: name, type: type, data: data, metadata: try metadata(object, in: "workload '\(name)'") ?? "",
            description: try text(object, "description", in: "workload '\(name)'") ?? "")
    }

    private static func object(
        _ value: JSONValue, _ place: String, members: [String]
    ) throws(ClientError) -> JSONObject {
        guard let object = value.objectValue else { throw invalid("\(place) must be an object") }
        for key in object.keys where !members.contains(where: { $0.utf8.elementsEqual(key.utf8) }) {
            throw invalid("\(place) has an unknown member '\(key)'; known are \(members.joined(separator: ", "))")
        }
        return object
    }

    private static func text(_ object: JSONObject, _ key: String, in place: String) throws(ClientError) -> String? {
        guard let value = object[key], !value.isNull else { return nil }
        guard let text = value.stringValue else { throw invalid("\(key) of \(place) must be text") }
        return text
    }

    /// Text, or an object that is written as JSON.
    private static func metadata(_ object: JSONObject, in place: String) throws(ClientError) -> String? {
        guard let value = object["metadata"], value.objectValue != nil else {
            return try text(object, "metadata", in: place)
        }
        return value.text
    }

    private static func invalid(_ message: String) -> ClientError { ClientError(.invalid, message) }
}
