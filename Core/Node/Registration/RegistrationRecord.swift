import Contracts
import JSON

/// Under which ids which ledger knows this node. Kept on disk, so that the node can start without the ledger.
struct RegistrationRecord: Sendable, Hashable, Codable {
    static let currentVersion: UInt32 = 1

    var version = RegistrationRecord.currentVersion
    /// What tells the ledger from others.
    let genesis: HexBytes
    let twin: UInt32
    let node: UInt32
    let farm: UInt32
    /// The public configuration as it was last seen.
    var publicConfig: PublicConfig?

    private enum CodingKeys: String, CodingKey {
        case version, genesis, twin = "twin_id", node = "node_id", farm = "farm_id", publicConfig = "public_config"
    }

    /// Nil if there is none. Throws `.badIdentity` if it cannot be read.
    static func read(_ path: String) throws(NodeError) -> RegistrationRecord? {
        guard let text = try SecretFile.read(path) else { return nil }
        do {
            let record = try JSONValue(parsing: text).decode(RegistrationRecord.self)
            guard record.version <= currentVersion else {
                throw NodeError(
                    .badIdentity, "\(path) is of version \(record.version), this program knows \(currentVersion)",
                    hint: "use the newer program")
            }
            return record
        } catch let error as NodeError {
            throw error
        } catch {
            throw NodeError(
                .badIdentity, "\(path) cannot be read: \(error)",
                hint: "remove it: the node then asks the ledger for its ids")
        }
    }

    func write(to path: String) throws(NodeError) {
        let text: String
        do { text = try JSONValue(encoding: self).text } catch {
            throw NodeError(.unusable, "\(path) cannot be written: \(error)", hint: nil)
        }
        try SecretFile.write(text, to: path)
    }
}
