/// What plugins and their companions tell about workloads, and what a starting plugin has to be told.
public protocol WorkloadEvents: Sendable {
    /// Every stored workload of these types.
    func subjects(of types: [String]) async -> [Subject]
    /// Those of them that are provisioned.
    func provisioned(of types: [String]) async -> [ProvisionedWorkload]
    /// Their plugin has lost what it knew; every provisioned one shall be looked after again.
    func recheck(_ types: [String]) async
    /// What ran for the workload has ended; it shall be provisioned again.
    func reprovision(_ workload: String) async
    /// The workload no longer works, in its plugin's words.
    func fail(_ workload: String, message: String) async
    /// How far its plugin is.
    func progress(_ workload: String, message: String) async
    /// A workload that `subject` may name: of its deployment, or a shareable one of another deployment of its twin.
    func lookup(_ name: WorkloadName, from subject: Subject) async -> WorkloadView?
}

extension WorkloadEvents {
    public func provisioned(of types: [String]) async -> [ProvisionedWorkload] { [] }
    public func recheck(_ types: [String]) async {}
    public func lookup(_ name: WorkloadName, from subject: Subject) async -> WorkloadView? { nil }
}
