import WorkerSandbox

/// What stands around a worker whatever its entitlements are; one place for starting it and for describing it.
extension WorkerPlan {
    /// Folders of libraries that every worker may read, besides `LaunchPlan.runtimePaths`.
    static let libraryFolders = ["/lib", "/lib64", "/usr/lib"]

    /// Namespaces of every worker, by name.
    static let namespaces = ["processes", "mounts", "network", "ipc", "host names"]
}

extension WorkerLimits {
    /// What setrlimit(2) gets.
    ///
    /// - Parameter hasGroup: whether a control group counts the memory.
    func resourceLimits(hasGroup: Bool) -> [ResourceLimit] {
        var limits = [
            ResourceLimit(.descriptors, descriptors), ResourceLimit(.core, 0), ResourceLimit(.lockedMemory, 0),
            ResourceLimit(.processes, processes),
        ]
        // Address space is a poor measure: thread stacks count though nobody uses them. Hence the allowance.
        if !hasGroup { limits.append(ResourceLimit(.addressSpace, memory + (1 << 30))) }
        return limits
    }

    /// What a manifest asks for.
    public init(_ limits: PluginLimits) {
        self.init(
            memory: limits.memory, processes: limits.processes, descriptors: limits.descriptors,
            calls: limits.calls,
            start: limits.deadlines["start"] ?? WorkerLimits().start)
    }
}
