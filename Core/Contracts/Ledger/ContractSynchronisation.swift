/// The full comparison of a node's deployments with its contracts, all read at one finalised block (docs/spec/tfchain.md
/// section 11). Pure: who reads decides what a failure is.
public enum ContractSynchronisation {
    /// A deployment as the node has it.
    public struct Local: Sendable, Hashable {
        public enum Standing: Sendable, Hashable {
            case running, paused
            /// Pausing or resuming it was interrupted: either is carried on.
            case mixed
        }

        public let twin: UInt32
        public let contract: UInt64
        public let standing: Standing

        public init(twin: UInt32, contract: UInt64, standing: Standing) {
            self.twin = twin
            self.contract = contract
            self.standing = standing
        }
    }

    /// What reading one contract gave.
    public enum Reading: Sendable, Hashable {
        case state(ContractState)
        case absent
        case unavailable
    }

    /// What to do, in the order of `local`.
    ///
    /// - Parameters:
    ///   - active: the node's active contracts; nil if they could not be listed, and then nothing is done at all.
    ///   - readings: of the active ones. One that is missing or unavailable leaves its deployment alone.
    public static func actions(
        local: [Local], active: [UInt64]?, readings: [UInt64: Reading]
    ) -> [NodeAction] {
        guard let active = active.map(Set.init) else { return [] }
        return local.compactMap { deployment in
            let (twin, contract) = (deployment.twin, deployment.contract)
            guard active.contains(contract) else { return .deprovision(twin: twin, contract: contract) }
            guard case .state(let state)? = readings[contract] else { return nil }
            switch state {
            case .gracePeriod where deployment.standing != .paused: return .pause(twin: twin, contract: contract)
            case .created where deployment.standing != .running: return .resume(twin: twin, contract: contract)
            default: return nil
            }
        }
    }
}
