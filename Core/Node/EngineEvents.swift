import Hosting
import Provisioning

/// Passes what plugins tell about workloads on to the engine.
struct EngineEvents: WorkloadEvents {
    let engine: Engine

    func subjects(of types: [String]) async -> [Subject] { await engine.subjects(of: types) }
    func provisioned(of types: [String]) async -> [ProvisionedWorkload] { await engine.provisioned(of: types) }
    func recheck(_ types: [String]) async { await engine.recheck(types) }
    func reprovision(_ workload: String) async { await engine.reprovision(workload) }
    func fail(_ workload: String, message: String) async { await engine.fail(workload, message: message) }
    func progress(_ workload: String, message: String) async { await engine.note(progress: message, of: workload) }
    func lookup(_ name: WorkloadName, from subject: Subject) async -> WorkloadView? {
        await engine.lookup(name, from: subject)
    }
}
