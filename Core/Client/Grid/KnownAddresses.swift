import RMB

/// Several sources of addresses, asked in order: the first that knows a twin decides.
public struct KnownAddresses: TwinAddresses {
    private let sources: [any TwinAddresses]

    public init(_ sources: [any TwinAddresses]) { self.sources = sources }

    public func address(of twin: UInt32) async -> AddressLookup {
        var unavailable: String?
        for source in sources {
            switch await source.address(of: twin) {
            case .found(let address): return .found(address)
            case .absent: continue
            case .unavailable(let cause): unavailable = unavailable ?? cause
            }
        }
        return unavailable.map(AddressLookup.unavailable) ?? .absent
    }
}
