import Addresses
import Naming

/// Names on the host (docs/spec/workloads.md section 1.5) and the MAC of an address's interface.
struct PublicNames: Sendable, Hashable {
    /// 13 characters from the workload's id.
    let device: String

    init(workload id: String) { device = DeviceName.device(workloadID: id, text: "pub") }

    /// The tap of the machine that will use the address.
    var tap: String { "p-\(device)" }
    /// Rules for what comes from the machine.
    var incoming: String { "r-\(device)-pre" }
    /// Rules for what goes to it.
    var outgoing: String { "r-\(device)-post" }
    var mac: MACAddress { MACAddress.derived(from: device) }

    /// The bridge that all public addresses of the node are on, and the namespace that it is in.
    static let segment = "br-pub"
    static let namespace = "public-segment"
    /// The exit's port on the bridge.
    static let exit = "public"
    /// The node's register of public addresses in use.
    static let space = "public-address"
}
