import JSON
import Signatures

/// One thing that an operator changes about whose plugins the node runs.
public enum TrustChange: Sendable, Hashable {
    /// Trusts a publisher with types, or changes name and types of one that is trusted.
    case trust(MinisignPublicKey, name: String, types: [String])
    /// Whatever the key signed is refused from now on; the key stays in the list so that nobody adds it again by mistake.
    case revoke(MinisignPublicKey)
    /// Takes a revocation back.
    case restore(MinisignPublicKey)
    case pin(plugin: String, TrustPolicy.Pin)
    case unpin(plugin: String)
    /// Nil: no minimum any more.
    case minimum(plugin: String, SemanticVersion?)

    /// The plugin that it is about, if it is about one.
    var plugin: String? {
        switch self {
        case .trust, .revoke, .restore: nil
        case .pin(let plugin, _), .unpin(let plugin), .minimum(let plugin, _): plugin
        }
    }

    /// What the log says.
    var json: JSONValue {
        switch self {
        case .trust(let key, let name, let types):
            [
                "what": "trust", "key": .string(key.base64), "name": .string(name),
                "types": .array(types.map { .string($0) }),
            ]
        case .revoke(let key): ["what": "revoke", "key": .string(key.base64)]
        case .restore(let key): ["what": "restore", "key": .string(key.base64)]
        case .pin(_, let pin): ["what": "pin", "pin": pin.json]
        case .unpin: ["what": "unpin"]
        case .minimum(_, let version): ["what": "minimum", "version": version.map { .string($0.text) } ?? .null]
        }
    }
}
