import Chain
import Contracts
import Logging

/// The genesis hash of the chain that a node belongs to, kept from the first connection on: no endpoint of another chain
/// is believed later (docs/spec/tfchain.md section 9).
struct ChainGenesis: Sendable {
    private static let pause = Duration.seconds(5)

    let path: String

    /// Nil if the node was never connected. Throws `.unusable` for a file that holds no hash.
    func known() throws(NodeError) -> HexBytes? {
        guard let text = try SecretFile.read(path) else { return nil }
        guard let hash = HexBytes(text: text), hash.bytes.count == 32 else {
            throw NodeError(
                .unusable, "\(path) holds no hash of 32 bytes in hexadecimal digits",
                hint: "remove it if the endpoints of the chain are known to be the right ones")
        }
        return hash
    }

    /// Waits for the first connection and writes the hash down.
    func remember(from ledger: ChainLedger, log: Logger) async {
        while !Task.isCancelled {
            do throws(LedgerUnavailable) {
                let hash = try await ledger.genesisHash()
                do throws(NodeError) {
                    try SecretFile.write(hash.text, to: path)
                } catch {
                    log.warning("the chain's genesis is not kept", metadata: ["reason": "\(error.message)"])
                }
                return
            } catch {
                // Not connected yet. Cancelled: the loop's condition ends it.
                try? await Task.sleep(for: Self.pause)
            }
        }
    }
}
