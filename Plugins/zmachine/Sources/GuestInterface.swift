import Addresses

/// A network interface of a machine: where its tap is attached, and what the guest makes of it.
struct GuestInterface: Sendable, Hashable {
    struct Route: Sendable, Hashable {
        /// Nil for the default route.
        let destination: CIDR?
        let gateway: IPAddress
    }

    /// In the guest.
    let name: String
    let mac: MACAddress
    let tap: String
    /// The workload whose segment the tap is attached to.
    let segmentOf: String
    let addresses: [CIDR]
    let routes: [Route]
}
