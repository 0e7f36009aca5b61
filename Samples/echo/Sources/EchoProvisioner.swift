import PluginSDK

/// Says back what it was told: the smallest workload there is, with nothing on the host.
public struct EchoProvisioner: Provisioner, Updating, Validating {
    public init() {}

    public func validate(_ workload: Workload<Echo>, in context: Context) throws {
        try context.check(workload.data.text.utf8.count <= 1024, "text is longer than 1024 bytes")
    }

    public func provision(_ workload: Workload<Echo>, in context: Context) throws -> Outcome<Echo> {
        try validate(workload, in: context)
        return .ready(Echo(text: workload.data.text))
    }

    public func update(_ workload: Workload<Echo>, from previous: Echo, in context: Context) throws -> Outcome<Echo> {
        try provision(workload, in: context)
    }

    public func deprovision(_ workload: Workload<Echo>, in context: Context) {}
}
