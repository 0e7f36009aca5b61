import Addresses
import Naming

/// Every name that a machine has on the host, derived from workload ids (docs/spec/workloads.md section 1.5).
struct MachineNames: Sendable, Hashable {
    let workload: String
    /// The companion that is the machine.
    let machine: String
    /// The companion that shares the root with it.
    let files: String
    /// The companions that look at a disk and format it; they end before the machine starts.
    let format: String
    let overlay: String

    init(workload: String) {
        self.workload = workload
        let device = DeviceName.device(workloadID: workload, text: "machine")
        machine = "m-\(device)"
        files = "f-\(device)"
        format = "d-\(device)"
        overlay = "r-\(device)"
    }

    /// The companion that shares the directory of the mount of that index.
    func share(mount index: Int) -> String {
        "s-" + DeviceName.device(workloadID: workload, text: "mount\(index)")
    }

    /// The tap on a network of that name, and the MAC address behind it.
    func privateTap(network: String) -> (name: String, mac: MACAddress) {
        let device = DeviceName.device(workloadID: workload, text: network)
        return ("t-\(device)", MACAddress.derived(from: device))
    }

    /// The tap for a public address; it is named after the ip workload, since its filter exists before any machine.
    static func publicTap(address workload: String) -> (name: String, mac: MACAddress) {
        let device = DeviceName.device(workloadID: workload, text: "pub")
        return ("p-\(device)", MACAddress.derived(from: device))
    }

    /// How the guest finds a disk: by a serial number, which holds at most 20 characters.
    static func serial(disk workload: String) -> String { DeviceName.device(workloadID: workload, text: "disk") }
}
