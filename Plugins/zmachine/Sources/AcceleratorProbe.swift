import JSON
import PluginSDK
import Synchronization

/// Finds out once whether KVM runs the guest's kernel. Opening the device and even creating a machine proves nothing
/// (docs/spec/host-facts.md section 5), so the kernel is booted, and has to say within ten seconds that it arrived.
final class AcceleratorProbe: Sendable {
    private let known = Mutex<Accelerator?>(nil)

    func accelerator(_ context: Context) async throws -> Accelerator {
        if let known = known.withLock({ $0 }) { return known }
        var found = Accelerator.tcg
        if try await context.node().kvm, await works(context) { found = .kvm }
        let choice = found
        known.withLock { $0 = choice }
        context.log(.info, "machines run with \(choice.rawValue)")
        return choice
    }

    private func works(_ context: Context) async -> Bool {
        do {
            let (package, scratch) = (try context.folder("package"), try context.folder("scratch"))
            let image = try await offThread {
                try GuestImage(package: package, scratch: scratch, name: "probe", configuration: nil)
            }
            let run = try await context.companions.run(
                "probe", instance: "probe", slots: ["kernel": Slot.index(0), "initrd": Slot.index(1)],
                timeout: .seconds(10), descriptors: image.descriptors)
            if run.output.contains("zos-guest: probe ok") { return true }
            context.log(.notice, "KVM does not boot the guest's kernel: \(run.output.suffix(200))")
        } catch {
            context.log(.notice, "KVM is not used: \(error)")
        }
        return false
    }
}
