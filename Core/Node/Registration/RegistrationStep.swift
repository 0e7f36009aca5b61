import Contracts

/// What a node does next to be known to the ledger as it wants to be. Pure: what is known times what is wanted.
enum RegistrationStep: Sendable, Hashable {
    /// The account has too little to sign with: it must get more than that.
    case awaitFunds(more: UInt64)
    case call(LedgerCall)
    /// Only the operator can mend this.
    case refused(String, hint: String)
    case done(twin: UInt32, node: Node)

    /// The terms as nodes accept them; the hash is the MD5 of the address.
    static let terms = LedgerCall.acceptTerms(
        document: "http://zos.tf/terms/v0.1", hash: "9021d4dee05a661e2cb6838152c67f25")

    /// The order of docs/spec/tfchain.md section 12: funds, terms, twin, farm, node, differences.
    init(_ known: KnownRegistration, _ wanted: WantedRegistration) {
        let step = Self.next(known, wanted)
        if case .call = step, let least = wanted.leastBalance, known.balance <= least {
            self = .awaitFunds(more: least)
        } else {
            self = step
        }
    }

    private static func next(_ known: KnownRegistration, _ wanted: WantedRegistration) -> RegistrationStep {
        guard let twin = known.twin else {
            return .call(
                known.hasAcceptedTerms ? .createTwin(relay: wanted.relayText, pk: wanted.encryptionKey) : terms)
        }
        if !wanted.matches(relay: twin.relay) || twin.pk != wanted.encryptionKey {
            return .call(.updateTwin(relay: wanted.relayText, pk: wanted.encryptionKey))
        }
        if let refusal = refusal(known, wanted) { return refusal }
        guard let node = known.node else {
            if known.farm == nil, let name = wanted.farmName { return .call(.createFarm(name: name, ips: [])) }
            return .call(.createNode(node: wanted.node))
        }
        var registration = wanted.node
        // The ledger knows better: a node that was once seen outside a virtual machine stays so.
        if !node.registration.isVirtualized { registration.isVirtualized = false }
        if registration != node.registration { return .call(.updateNode(node: node.id, registration: registration)) }
        if known.power.state != .up { return .call(.changePowerState(isUp: true)) }
        return .done(twin: twin.id, node: node)
    }

    private static func refusal(_ known: KnownRegistration, _ wanted: WantedRegistration) -> RegistrationStep? {
        let (id, has, least) = (wanted.node.farm, wanted.node.resources, WantedRegistration.leastResources)
        if let node = known.node, node.farm != id, !wanted.isFarmGiven {
            return .refused(
                "the ledger has this node in farm \(node.farm), the configuration names none",
                hint: "set farm = \(node.farm), or the farm to move it to")
        }
        if known.farm == nil, wanted.farmName == nil || id != 1 {
            return .refused(
                "there is no farm \(id) on the ledger", hint: "set farm to one that exists, or make it first")
        }
        if has.cru < least.cru || has.mru < least.mru || has.sru < least.sru {
            return .refused(
                "the machine is too small for the ledger: \(has.cru) cores, \(has.mru) bytes of memory, \(has.sru) bytes of storage",
                hint:
                    "a node needs \(least.cru) core, \(least.mru) bytes of memory and \(least.sru) bytes of storage (pool_size)"
            )
        }
        return nil
    }
}
