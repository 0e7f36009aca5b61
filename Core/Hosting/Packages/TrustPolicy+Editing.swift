import JSON
import Signatures

extension TrustPolicy {
    /// The policy after a change.
    /// - Throws: `badManifest` if the change says nothing that a policy can hold, `untrusted` if it is about a key that is not in it.
    public func applying(_ change: TrustChange) throws(HostingError) -> TrustPolicy {
        var policy = self
        switch change {
        case .trust(let key, let name, let types): try policy.trust(key, name, types)
        case .revoke(let key): policy.publishers[try policy.index(of: key)].isRevoked = true
        case .restore(let key): policy.publishers[try policy.index(of: key)].isRevoked = false
        case .pin(let plugin, let pin): policy.pins[try Self.identifier(plugin)] = pin
        case .unpin(let plugin):
            guard policy.pins.removeValue(forKey: Array(plugin.utf8)) != nil else {
                throw HostingError(.untrusted, "\(plugin) is not pinned", hint: "see `zos trust list`")
            }
        case .minimum(let plugin, let version): policy.minimumVersions[try Self.identifier(plugin)] = version
        }
        return policy
    }

    private mutating func trust(_ key: MinisignPublicKey, _ name: String, _ types: [String]) throws(HostingError) {
        guard !types.isEmpty else {
            throw HostingError(
                .badManifest, "a publisher is trusted with types, and none is named",
                hint: "name them, or * for whatever it publishes")
        }
        guard !name.isEmpty, name.utf8.count <= 256, !name.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            throw HostingError(.badManifest, "a publisher's name is one line of at most 256 bytes")
        }
        if let known = publishers.firstIndex(where: { $0.key == key }) {
            guard !publishers[known].isRevoked else {
                throw HostingError(
                    .untrusted, "this key of \(publishers[known].name) is revoked",
                    hint: "if that was a mistake, take it back with `zos trust revoke --undo`")
            }
            (publishers[known].name, publishers[known].types) = (name, types)
        } else {
            publishers.append(Publisher(key: key, name: name, types: types, isRevoked: false))
        }
    }

    private func index(of key: MinisignPublicKey) throws(HostingError) -> Int {
        guard let index = publishers.firstIndex(where: { $0.key == key }) else {
            throw HostingError(
                .untrusted, "the policy does not name the key \(key.base64)", hint: "see `zos trust list`")
        }
        return index
    }

    private static func identifier(_ plugin: String) throws(HostingError) -> [UInt8] {
        guard Manifest.isIdentifier(plugin) else {
            throw HostingError(.badManifest, "'\(plugin)' is no plugin's id; that is a name such as org.example.hello")
        }
        return Array(plugin.utf8)
    }

    /// The content of `trust.json`.
    public var json: JSONValue {
        [
            "trust": 1,
            "publishers": .array(
                publishers.map { publisher in
                    [
                        "key": .string(publisher.key.base64), "name": .string(publisher.name),
                        "types": .array(publisher.types.map { .string($0) }), "revoked": .bool(publisher.isRevoked),
                    ]
                }), "pins": Self.object(pins) { $0.json },
            "minimum_versions": Self.object(minimumVersions) { .string($0.text) },
        ]
    }

    private static func object<Value>(_ values: [[UInt8]: Value], _ json: (Value) -> JSONValue) -> JSONValue {
        let sorted = values.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return .object(
            JSONObject(
                members: sorted.map { JSONMember(key: String(decoding: $0.key, as: UTF8.self), value: json($0.value)) })
        )
    }
}

extension TrustPolicy.Pin {
    var json: JSONValue {
        switch self {
        case .digest(let digest): ["digest": .string(Hex.encode(digest))]
        case .versions(let range): ["versions": .string(range.text)]
        }
    }
}
