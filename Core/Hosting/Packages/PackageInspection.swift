import JSON
import Signatures

/// A package, or a source folder that is to become one, as somebody looks at it before trusting it. Nothing of it is run
/// and nothing is believed: who signed it is said only of keys that are at hand.
public struct PackageInspection: Sendable {
    /// Whose signature is on it.
    public enum Signer: Sendable, Hashable {
        /// There is no list or no signature, so it is no package yet.
        case nobody
        /// Signed, by none of the known keys; the id is what minisign prints.
        case unknown(keyID: String)
        case known(TrustPolicy.Publisher)
    }

    public let manifest: Manifest
    public let document: JSONValue
    public let signer: Signer
    /// SHA-256 of `plugin.files`; nil if there is none.
    public let digest: String?
    /// Bytes of all files.
    public let size: Int
    /// Why a node with this policy and ABI would refuse it; nil if it would take it.
    public let refusal: HostingError?

    /// Reads a folder. Blocks for as long as reading takes.
    /// - Parameters:
    ///   - keys: more keys than those of the policy to look for.
    ///   - abi: what the node speaks.
    /// - Throws: `badPackage`, `badManifest` if there is nothing to show.
    public init(
        folder: String, trust: TrustPolicy, keys: [MinisignPublicKey] = [], abi: ClosedRange<UInt32>
    ) throws(HostingError) {
        let files = try PackageFolder.read(folder)
        func content(_ path: String) -> [UInt8]? { files.first { $0.path.utf8.elementsEqual(path.utf8) }?.content }
        guard let bytes = content(PackagePath.manifest) else {
            throw HostingError(.badPackage, "\(folder) has no \(PackagePath.manifest)", hint: "name a plugin's folder")
        }
        manifest = try Manifest(parsing: bytes)
        do throws(JSONError) { document = try JSONValue(parsing: bytes) } catch {
            throw HostingError(.badManifest, "\(PackagePath.manifest): \(error)")
        }
        size = files.reduce(0) { $0 + $1.content.count }
        digest = content(PackagePath.list).map { Hex.encode(Sodium.sha256($0)) }
        signer = Self.signer(content(PackagePath.list), content(PackagePath.signature), trust, keys)
        do throws(HostingError) {
            _ = try PluginPackage(verifying: files, trust: trust, abi: abi)
            refusal = nil
        } catch { refusal = error }
    }

    private static func signer(
        _ list: [UInt8]?, _ text: [UInt8]?, _ trust: TrustPolicy, _ keys: [MinisignPublicKey]
    ) -> Signer {
        guard let list, let text, let signature = try? MinisignSignature(String(decoding: text, as: UTF8.self)) else {
            return .nobody  // `refusal` says what is wrong with the signature.
        }
        let given = keys.map { TrustPolicy.Publisher(key: $0, name: "the given key", types: [], isRevoked: false) }
        let found = (trust.publishers + given).first { publisher in
            do throws(SignatureError) {
                try signature.verify(list, with: publisher.key)
                return true
            } catch { return false }  // Another key's.
        }
        return found.map(Signer.known) ?? .unknown(keyID: Hex.encode(signature.keyID.reversed()).uppercased())
    }
}
