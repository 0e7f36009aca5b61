import Contracts
import RMB
import Signatures

/// Addresses of twins in the Yggdrasil network, which follow from their account keys: a node uses its ed25519 identity for both
/// (docs/spec/workloads.md section 8). Whether somebody answers there is for the caller to find out: accounts with keys of the
/// other scheme have such an address too, and nobody is at it.
public struct PlanetaryAddresses: TwinAddresses {
    private let ledger: any Ledger
    private let port: Int

    public init(ledger: any Ledger, port: Int = RMBServer.Configuration.defaultPort) {
        self.ledger = ledger
        self.port = port
    }

    public func address(of twin: UInt32) async -> AddressLookup {
        do throws(LedgerUnavailable) {
            guard let account = try await ledger.twin(twin, at: .best)?.account else { return .absent }
            return .found(PeerAddress(host: OverlayAddress(account.key).description, port: port))
        } catch {
            return .unavailable(error.message)
        }
    }
}
