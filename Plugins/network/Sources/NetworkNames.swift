import Naming
import PluginSDK

/// The names of a network on the host, which need nothing but twin and name (docs/spec/workloads.md section 1.5).
struct NetworkNames: Sendable, Hashable {
    /// Twin and name in 13 characters; the same on every node.
    let id: String

    init(twin: UInt32, name: String) { id = DeviceName.network(twin: twin, name: name) }
    init(_ workload: Workload<Network>) { self.init(twin: workload.twin, name: workload.name) }

    /// Bridge in the node's namespace.
    var bridge: String { "b-\(id)" }
    /// Namespace.
    var namespace: String { "n-\(id)" }
    /// The namespace's leg on the bridge.
    var leg: String { "n-\(id)" }
    /// WireGuard's link in the namespace, and the instance of the companion that runs it.
    var tunnel: String { "w-\(id)" }
}
