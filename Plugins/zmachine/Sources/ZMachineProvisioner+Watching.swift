import PluginSDK

extension ZMachineProvisioner: CompanionWatching {
    public func companionExited(_ exit: CompanionExit, in context: Context) async throws -> CompanionAction {
        guard !exit.workload.isEmpty, !history.isStopping(exit.workload) else { return .none }
        let names = MachineNames(workload: exit.workload)
        if same(exit.companion, "files") {
            // It ends with its machine. If the machine still runs, it has lost its root or a directory.
            let isAlone = try await context.companions.status(names.machine).isRunning
            return isAlone ? .restart : .none
        }
        guard same(exit.instance, names.machine) else { return .none }
        if history.mayRestart(exit.workload, at: CrashHistory.now) { return .restart }
        history.forget(exit.workload)
        try await context.companions.delete(names.files)
        return .fail("too many crashes; the end of the console:\n\(exit.output.suffix(2048))")
    }
}
