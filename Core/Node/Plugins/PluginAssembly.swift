import Hosting

/// Turns verified packages into what can run on this node.
struct PluginAssembly: Sendable {
    let plugins: NodePlugins
    let store: PackageStore
    let brokers: Brokers
    let faults: FaultBoard?

    func runnable(_ plugin: NodePlugins.Assembled) -> RunnablePlugin {
        let services = brokers.services(for: plugin.rights)
        return RunnablePlugin(
            package: plugin.package, plan: plugin.plan,
            services: faults.map { HeldServices(services: services, board: $0) } ?? services)
    }
}
