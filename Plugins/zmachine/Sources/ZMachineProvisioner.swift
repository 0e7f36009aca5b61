import JSON
import PluginSDK

/// Machines: QEMU with a root from a directory, disks and taps that come as descriptors
/// (docs/spec/workloads.md section 6, container mode).
public struct ZMachineProvisioner: Provisioner, Initializing, Validating, Measuring, Pausing {
    let probe = AcceleratorProbe()
    let history = CrashHistory()

    public init() {}

    /// Prepares nothing: takes up what is known of machines that end by themselves.
    public func initialize(_ workloads: [Workload<ZMachine>], in context: Context) {
        for workload in workloads { history.restore(workload.id, workload.state) }
    }

    public func validate(_ workload: Workload<ZMachine>, in context: Context) throws { try workload.validate() }

    public func capacity(of data: ZMachine) -> Capacity {
        Capacity(
            cru: UInt64(data.computeCapacity.cpu), mru: data.computeCapacity.memory, sru: RootDisk.size(data))
    }

    public func provision(_ workload: Workload<ZMachine>, in context: Context) async throws -> Outcome<ZMachineResult> {
        let companions = MachineCompanions(workload, context)
        let plan = try MachinePlan(workload)
        let console = Console(workload, plan)
        var result = ZMachineResult(
            id: workload.id, ip: plan.address.text, planetaryIP: "", myceliumIP: "", consoleURL: console?.url ?? "")
        history.endStopping(workload.id)
        history.restore(workload.id, workload.state)
        if try await companions.isRunning {
            try await companions.match(paused: workload.isPaused)
            if await console?.open(context) != true { result.consoleURL = "" }
            return workload.wasReady ? .present : .ready(result)
        }
        // One of them may have ended; the others are of no use without it.
        history.beginStopping(workload.id)
        try await companions.stop()
        history.endStopping(workload.id)
        let setup = MachineSetup(plan: plan, companions: companions, context: context, probe: probe, history: history)
        try await Undo.onFailure { undo in try await setup.run(workload.data, &undo) }
        try await companions.match(paused: workload.isPaused)
        if await console?.open(context) != true { result.consoleURL = "" }
        return .ready(result, state: try history.kept(workload.id, at: CrashHistory.now))
    }

    public func deprovision(_ workload: Workload<ZMachine>, in context: Context) async throws {
        let names = MachineNames(workload: workload.id)
        history.beginStopping(workload.id)
        try await MachineCompanions(workload, context).stop()
        var failure: (any Error)?
        do { try await context.listeners.close(names.machine, socket: Console.socket) } catch { failure = error }
        for tap in workload.taps {
            do { try await context.taps.delete(tap) } catch { failure = failure ?? error }
        }
        do { try await context.roots.deleteOverlay(names.overlay) } catch { failure = failure ?? error }
        if let failure { throw failure }
        history.forget(workload.id)
    }

    public func pause(_ workload: Workload<ZMachine>, in context: Context) async throws {
        try await MachineCompanions(workload, context).pause()
    }

    public func resume(_ workload: Workload<ZMachine>, in context: Context) async throws {
        try await MachineCompanions(workload, context).resume()
    }
}

extension Workload<ZMachine> {
    /// The names of all taps that it can have, also when what they were attached to is gone.
    var taps: [String] {
        let names = MachineNames(workload: id)
        var taps = (data.network.interfaces ?? []).map { names.privateTap(network: $0.network).name }
        if !data.network.publicIP.isEmpty {
            taps.append(MachineNames.publicTap(address: "\(twin)-\(contract)-\(data.network.publicIP)").name)
        }
        return taps
    }
}
