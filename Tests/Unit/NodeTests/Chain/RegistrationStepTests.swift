import Contracts
import Signatures
import Testing

@testable import Node

@Suite("What a node does to be known to the ledger")
struct RegistrationStepTests {
    private static let account = AccountID(KeyPair.generate(scheme: .ed25519).publicKey)
    private static let pk = HexBytes([2] + [UInt8](repeating: 7, count: 32))

    private var wanted: WantedRegistration {
        WantedRegistration(
            relays: ["relay.one", "relay.two"], encryptionKey: Self.pk,
            node: NodeRegistration(farm: 4, resources: Resources(sru: 200 << 30, cru: 4, mru: 8 << 30)),
            isFarmGiven: true, farmName: nil, leastBalance: 10_000)
    }

    private var known: KnownRegistration {
        var known = KnownRegistration()
        known.balance = 10_001
        known.hasAcceptedTerms = true
        known.twin = Twin(id: 9, account: Self.account, relay: "relay.one_relay.two", pk: Self.pk)
        known.farm = Farm(id: 4, name: "farm", twin: 1)
        known.node = Node(id: 7, twin: 9, registration: wanted.node, created: 0)
        return known
    }

    @Test("funds, terms, twin, farm, node, differences: one after the other, in this order")
    func order() throws {
        var known = KnownRegistration()
        known.farm = Farm(id: 4, name: "farm", twin: 1)
        known.balance = 10_000
        #expect(RegistrationStep(known, wanted) == .awaitFunds(more: 10_000))
        known.balance = 10_001
        #expect(RegistrationStep(known, wanted) == .call(RegistrationStep.terms))
        known.hasAcceptedTerms = true
        #expect(
            RegistrationStep(known, wanted) == .call(.createTwin(relay: "relay.one_relay.two", pk: Self.pk)))
        known.twin = self.known.twin
        #expect(RegistrationStep(known, wanted) == .call(.createNode(node: wanted.node)))
        known.node = self.known.node
        #expect(RegistrationStep(known, wanted) == .done(twin: 9, node: try #require(known.node)))
    }

    @Test("an account without funds that has nothing to say is not stopped")
    func nothingToSay() throws {
        var known = known
        known.balance = 0
        #expect(RegistrationStep(known, wanted) == .done(twin: 9, node: try #require(known.node)))
    }

    @Test("relays are compared as sets, whatever their case and order; both fields of a twin are written")
    func twin() {
        var known = known
        known.twin?.relay = "RELAY.two_relay.one"
        guard case .done = RegistrationStep(known, wanted) else {
            Issue.record("the same relays in another order are no difference")
            return
        }
        known.twin?.relay = "relay.one"
        let update = RegistrationStep.call(.updateTwin(relay: "relay.one_relay.two", pk: Self.pk))
        #expect(RegistrationStep(known, wanted) == update)
        known.twin?.relay = "relay.one_relay.two"
        known.twin?.pk = nil
        #expect(RegistrationStep(known, wanted) == update)
    }

    @Test("a node that differs is updated; its public configuration is the farmer's and compared with nothing")
    func node() throws {
        var known = known
        known.node?.publicConfig = PublicConfig(ip4: .init(ip: "198.51.100.2/24", gateway: "198.51.100.1"))
        #expect(RegistrationStep(known, wanted) == .done(twin: 9, node: try #require(known.node)))
        var wanted = wanted
        wanted.node.resources.cru = 8
        #expect(RegistrationStep(known, wanted) == .call(.updateNode(node: 7, registration: wanted.node)))
    }

    @Test("a node once recorded as not virtualized stays so")
    func virtualized() throws {
        var (known, wanted) = (known, wanted)
        wanted.node.isVirtualized = true
        #expect(RegistrationStep(known, wanted) == .done(twin: 9, node: try #require(known.node)))
        known.node?.registration.isVirtualized = true
        wanted.node.isVirtualized = false
        #expect(RegistrationStep(known, wanted) == .call(.updateNode(node: 7, registration: wanted.node)))
    }

    @Test("a node that the ledger has as down says that it is up")
    func power() {
        var known = known
        known.power.state = .down(block: 3)
        #expect(RegistrationStep(known, wanted) == .call(.changePowerState(isUp: true)))
    }

    @Test("a node is moved to another farm only if the operator named it")
    func farm() {
        var (known, wanted) = (known, wanted)
        known.node?.registration.farm = 2
        #expect(RegistrationStep(known, wanted) == .call(.updateNode(node: 7, registration: wanted.node)))
        wanted.isFarmGiven = false
        #expect(refusal(known, wanted)?.contains("the ledger has this node in farm 2") == true)
    }

    @Test("a farm that does not exist and a machine that is too small are for the operator to mend")
    func refusals() {
        var (known, wanted) = (known, wanted)
        known.node = nil
        known.farm = nil
        #expect(refusal(known, wanted)?.contains("there is no farm 4") == true)
        known = self.known
        wanted.node.resources.sru = 100 << 30 - 1
        #expect(refusal(known, wanted)?.contains("too small") == true)
    }

    @Test("on a ledger of its own a node makes its farm")
    func ownFarm() {
        var (known, wanted) = (known, wanted)
        (known.farm, known.node) = (nil, nil)
        wanted.farmName = "local"
        #expect(refusal(known, wanted)?.contains("there is no farm 4") == true, "the first farm is 1")
        wanted.node.farm = 1
        #expect(RegistrationStep(known, wanted) == .call(.createFarm(name: "local", ips: [])))
    }

    @Test(
        "names of links are spelled as the ledger takes them",
        arguments: [("eth0", "eth0"), ("e0", "e0-"), ("Bond0.100", "bond0-100"), ("ü", "---"), ("a_b-c", "a_b-c")])
    func names(link: String, name: String) { #expect(HostDescription.name(link) == name) }

    private func refusal(_ known: KnownRegistration, _ wanted: WantedRegistration) -> String? {
        guard case .refused(let reason, _) = RegistrationStep(known, wanted) else { return nil }
        return reason
    }
}
