import Addresses
import PluginSDK

/// A machine's serial console, offered to the members of its network (docs/spec/workloads.md section 6.7).
struct Console: Sendable {
    /// QEMU's socket in the machine's folder. It serves one client, so all callers share it.
    static let socket = "console"
    private static let firstPort = 20000

    let url: String
    private let port: Int
    private let network: String
    private let instance: String

    /// Nil if the network offers no address to listen on.
    init?(_ workload: Workload<ZMachine>, _ plan: MachinePlan) {
        guard let reference = workload.reference("/network/interfaces/0/network"),
            let address = reference.export("address")?["address"]?.stringValue
        else { return nil }
        port = Self.firstPort + Int(plan.address.bytes[3])
        url = "\(address):\(port)"
        network = reference.workload
        instance = plan.names.machine
    }

    /// Whether it can be reached. A machine works without, so that is no failure of its own.
    func open(_ context: Context) async -> Bool {
        do {
            try await context.listeners.open(
                port, on: network, to: instance, socket: Self.socket, sharing: .shared)
            return true
        } catch {
            context.log(.warning, "the console of \(instance) is not offered: \(error)")
            return false
        }
    }
}
