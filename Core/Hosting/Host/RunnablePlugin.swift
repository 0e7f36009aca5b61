/// A verified package with everything that is needed to run it.
public struct RunnablePlugin: Sendable {
    public let package: PluginPackage
    public let plan: WorkerPlan
    /// Answers the calls of exactly this version.
    public let services: any HostServices

    public init(package: PluginPackage, plan: WorkerPlan, services: any HostServices) {
        self.package = package
        self.plan = plan
        self.services = services
    }

    var id: String { package.manifest.id }
}
