import Addresses
import JSON
import PluginSDK

/// Public addresses of a contract: chosen, kept from others, and protected against whoever uses them.
public struct PublicIPProvisioner: Provisioner, Initializing, Validating, Measuring {
    public init() {}

    /// Prepares the segment; a node whose operator gave it no public exit only lacks these workloads.
    public func initialize(_ workloads: [Workload<PublicIP>], in context: Context) async throws {
        do {
            _ = try await PublicSegment(context: context.acting(for: nil)).ensure()
        } catch let error as PluginError where error.status == .unsupported {
            context.log(.notice, "no public addresses: \(error.message)")
        }
    }

    public func validate(_ workload: Workload<PublicIP>, in context: Context) throws {
        try context.check(workload.data.wantsV4 || workload.data.wantsV6, "public ip workload with no selections")
    }

    public func capacity(of data: PublicIP) -> Capacity { Capacity(ipv4u: data.wantsV4 ? 1 : 0) }

    public func provision(_ workload: Workload<PublicIP>, in context: Context) async throws -> Outcome<Assignment> {
        try validate(workload, in: context)
        let names = PublicNames(workload: workload.id)
        // The segment belongs to all workloads of the plugin, so it is made for none of them.
        let segment = PublicSegment(context: context.acting(for: nil))
        let exit = try await segment.ensure()
        return try await Undo.onFailure { undo in
            let v4 = try await address(for: workload, &undo, in: context)
            let v6 = workload.data.wantsV6 ? try AddressChoice.v6(names.mac, in: exit.addresses) : nil
            let filter = SpoofFilter(names: names, v4: v4?.range.address.v4, v6: v6?.address.v6)
            let isChanged = try await segment.withFilter { try filter.ensure($0) }
            guard isChanged || workload.previousResult == nil else { return .present }
            let assignment = Assignment(
                ip: v4?.range.text ?? "", ip6: v6?.text ?? "", gateway: v4?.gateway.text ?? "")
            return .ready(assignment, exports: exports(assignment, names, exit))
        }
    }

    public func deprovision(_ workload: Workload<PublicIP>, in context: Context) async throws {
        let segment = PublicSegment(context: context.acting(for: nil))
        let names = PublicNames(workload: workload.id)
        // Without the namespace there are no rules either.
        if try await context.acting(for: nil).namespaces.list().contains(PublicNames.namespace) {
            try await segment.withFilter { try SpoofFilter.remove(names, $0) }
        }
        try await context.reservations.release(in: PublicNames.space)
    }

    /// Takes an address that nobody else on the node holds: workloads of one deployment choose at the same time.
    private func address(for workload: Workload<PublicIP>, _ undo: inout Undo, in context: Context) async throws
        -> AddressChoice.Address?
    {
        guard workload.data.wantsV4 else { return nil }
        var refusal: (any Error)?
        for candidate in try AddressChoice.candidates(for: workload) {
            let text = candidate.range.address.text
            do {
                if try await context.reservations.reserve(text, in: PublicNames.space) {
                    undo.add { try await context.reservations.release(text, in: PublicNames.space) }
                }
                return candidate
            } catch let error as PluginError where error.status == .invalid {
                refusal = error
            }
        }
        throw refusal ?? PluginError.invalid("the contract has no public address left")
    }

    /// What a machine needs to use the address.
    private func exports(_ assignment: Assignment, _ names: PublicNames, _ exit: ExitLink) -> [Export] {
        let sixth = exit.gateways.first { (try? IPv6Address(parsing: $0)) != nil }
        return [
            .address([
                "ip": .string(assignment.ip), "ip6": .string(assignment.ip6), "gateway": .string(assignment.gateway),
                "gateway6": .string(assignment.ip6.isEmpty ? "" : sixth ?? ""), "mac": .string(names.mac.text),
                "tap": .string(names.tap),
            ]),
            .segment(PublicNames.segment),
        ]
    }
}
