import Foundation
import Hosting
import JSON
import Node
import Signatures

/// The trust policy of the node whose state folder is named.
struct TrustSession: Sendable {
    let file: TrustFile
    private let location: StateLocation

    init(_ location: StateLocation) throws(CommandError) {
        self.location = location
        let plugins = StateFolder(state: location.path, run: location.path + "/run").plugins
        guard FileManager.default.fileExists(atPath: plugins) else {
            throw CommandError(
                .notFound, "\(location.path) is no node's state folder",
                hint: "name it with --state, such as --state /var/lib/zos")
        }
        file = TrustFile(plugins: plugins, now: { Int64(Date().timeIntervalSince1970) })
    }

    /// The key that a person means: its text, the file of a public key, or the name of a publisher of the policy.
    func key(_ given: String) throws -> MinisignPublicKey {
        if let key = try? MinisignPublicKey(given) { return key }  // Tried as a file next.
        if let bytes = FileManager.default.contents(atPath: given), bytes.count <= 4096 {
            do {
                return try MinisignPublicKey(String(decoding: bytes, as: UTF8.self))
            } catch {
                throw CommandError(
                    .invalid, "\(given): \(error.message)", hint: "give minisign's public key, not the secret one")
            }
        }
        let named = try file.policy().publishers.filter { $0.name.utf8.elementsEqual(given.utf8) }
        guard let publisher = named.first, named.count == 1 else {
            throw CommandError(
                named.isEmpty ? .notFound : .invalid,
                named.isEmpty
                    ? "'\(given)' is no minisign public key, no file of one and no publisher of the policy"
                    : "'\(given)' is the name of several publishers", hint: "see 'zos trust list'")
        }
        return publisher.key
    }

    /// Changes the policy and tells the node.
    func apply(_ change: TrustChange, _ output: Output, says text: String) async throws {
        let policy = try file.apply(change)
        let ended = await reload()
        output.result(
            ["policy": policy.json, "ended": .array(ended)],
            text: text
                + ended.map { "\nplugin \($0["id"]?.stringValue ?? "") ended: \($0["reason"]?.stringValue ?? "")" }
                .joined())
    }

    /// Has the node read the policy, if one runs; the next start reads it anyway. The plugins that ended because of it.
    private func reload() async -> [JSONValue] {
        let answer = try? await NodeControl(location).ask("trust.reload")  // As said above.
        return answer?["ended"]?.arrayValue ?? []
    }
}
