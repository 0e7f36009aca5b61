import JSON
import Signatures
import Synchronization

/// The node's own responder with the clock, the twin and the ledger answer of a recorded case.
struct VectorNode {
    /// The commands of `docs/spec/node-api.md` section 2 that every node serves.
    private static let commands = [
        "zos.deployment.deploy", "zos.deployment.update", "zos.deployment.get", "zos.deployment.list",
        "zos.deployment.changes", "zos.deployment.delete", "zos.statistics.get", "zos.storage.pools", "zos.gpu.list",
        "zos.network.list_wg_ports", "zos.network.interfaces", "zos.network.has_ipv6",
        "zos.network.public_config_get", "zos.network.list_public_ips", "zos.network.list_private_ips",
        "zos.system.version", "zos.system.dmi", "zos.system.hypervisor", "zos.system.diagnostics",
        "zos.system.node_features_get", "zos.perf.get", "zos.perf.get_all", "zos.location.get",
    ]

    private let responder: Responder

    init(ownTwin: UInt32, clock: UnixTime, lookup: KeyLookup) throws(RMBError) {
        let router = Router()
        for command in Self.commands { router.register(command) { _ in .null } }
        responder = Responder(
            configuration: RMBServer.Configuration(),
            services: RMBServer.Services(
                identity: RMBIdentity(twin: ownTwin, key: .generate(scheme: .ed25519)), keys: OneAnswer(lookup: lookup),
                addresses: FixedTwinAddresses([:]), router: router,
                replayGuard: try ReplayGuard(volatileCapacity: 16), clock: { clock }))
    }

    func serve(path: String, body: String) async -> HTTPReply {
        let answer = Answer()
        await responder.serve(
            Exchange(path: path, body: Array(body.utf8)) { reply in answer.reply.withLock { $0 = reply } })
        return answer.reply.withLock { $0 } ?? .notFound
    }

    private final class Answer: Sendable {
        let reply = Mutex<HTTPReply?>(nil)
    }

    private struct OneAnswer: TwinKeys {
        let lookup: KeyLookup
        func publicKey(of twin: UInt32, freshness: KeyFreshness) async -> KeyLookup { lookup }
    }
}
