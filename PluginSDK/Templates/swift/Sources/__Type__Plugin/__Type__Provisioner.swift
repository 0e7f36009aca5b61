import PluginSDK

/// Makes workloads of the type, and takes them away.
public struct __Type__Provisioner: Provisioner, Updating {
    /// Called first, and again after every restart: look at what exists, do what is missing.
    public func provision(_ workload: Workload<__Type__>, in context: Context) throws -> Outcome<__Type__Result> {
        try context.check(!workload.data.name.isEmpty, "there is nobody to greet")
        return .ready(__Type__Result(greeting: "Hello, \(workload.data.name)!"))
    }

    public func update(
        _ workload: Workload<__Type__>, from previous: __Type__, in context: Context
    ) throws -> Outcome<__Type__Result> {
        try provision(workload, in: context)
    }

    /// This type leaves nothing on the host, so there is nothing to take away.
    public func deprovision(_ workload: Workload<__Type__>, in context: Context) {}
}
