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

    /// Changes the policy and has the node act on it, if one runs; the next start reads it anyway.
    func apply(_ change: TrustChange, _ output: Output, says text: String) async throws {
        let policy = try file.apply(change)
        let answer: JSONValue?
        do throws(CommandError) {
            answer = try await NodeControl(location).askIfRunning("trust.reload")
        } catch {
            throw CommandError(
                error.kind, "the policy is changed, but the node has not acted on it: \(error.message)",
                hint: "the next change of trust or start of the node does")
        }
        let (ended, started) = (answer?["ended"]?.arrayValue ?? [], answer?["started"]?.arrayValue ?? [])
        output.result(
            ["policy": policy.json, "ended": .array(ended), "started": .array(started)],
            text: ([text] + Self.lines(ended, started)).joined(separator: "\n"))
    }

    private static func lines(_ ended: [JSONValue], _ started: [JSONValue]) -> [String] {
        ended.map { "plugin \($0["id"]?.stringValue ?? "") ended: \($0["reason"]?.stringValue ?? "")" }
            + started.map { "plugin \($0["id"]?.stringValue ?? "") \($0["version"]?.stringValue ?? "") started" }
    }
}
