import RMB
import Signatures

/// Addresses of twins: as configured, else on the overlay, where a twin's address follows from its key.
///
/// The ledger does not tell which kind of key a twin has. Those with another kind than ed25519 are not at the address
/// that is derived, and sending to them fails as to any twin that is away.
public struct OverlayTwins: TwinAddresses {
    private let configured: FixedTwinAddresses
    private let keys: any TwinKeys

    public init(configured: FixedTwinAddresses, keys: any TwinKeys) {
        self.configured = configured
        self.keys = keys
    }

    public func address(of twin: UInt32) async -> AddressLookup {
        if case .found(let address) = await configured.address(of: twin) { return .found(address) }
        switch await keys.publicKey(of: twin, freshness: .remembered) {
        case .found(let key): return .found(PeerAddress(host: OverlayAddress(key).description))
        case .absent: return .absent
        case .unavailable(let cause): return .unavailable(cause)
        }
    }
}
