import Hosting
import JSON
import Logging
import Overlay
import RMB
import TOMLKit

/// What an operator can set, from one TOML file; everything has a default. Unknown members are refused.
public struct NodeConfiguration: Sendable {
    public var network: NetworkPreset = .embedded
    public var folders = StateFolder(state: "/var/lib/zos", run: "/run/zos")
    public var logLevel: Logger.Level = .info
    /// Addresses of the message bus, `ip:port`.
    public var listen: [String] = ["0.0.0.0:8051"]
    /// Where replies to other twins go, `ip:port` by twin id, for those whose address no ledger tells.
    public var peers: [UInt32: String] = [:]
    /// The farm that the node belongs to.
    public var farm: UInt32 = 1
    /// Whether `farm` was set: only then a registered node is moved.
    public var isFarmGiven = false
    /// Chain endpoints instead of the network's own.
    public var chain: [String]?
    /// Relays instead of the network's own.
    public var relays: [RelayEndpoint]?
    /// A PEM file of certificates that relays are checked with instead of the system's.
    public var relayCertificates: String?
    /// Refuses requests by relay whose payload is not encrypted, and sends none.
    public var requiresEncryption = false
    /// The socket of another node's embedded ledger, instead of a ledger of this node's own.
    public var ledgerSocket: String?
    /// Services for new accounts instead of the network's own; empty for none.
    public var activation: [String]?
    /// The service that is asked whether users are verified; nil for not asking.
    public var identityCheck: IdentityCheckChoice = .off
    /// Twins that may call administrators' commands.
    public var administrators: [UInt32] = []
    /// Bytes of memory that the node keeps for itself at least.
    public var memoryReserve: UInt64 = 2 << 30
    /// Bytes that the pool may hold; 0: what its file system has.
    public var poolSize: UInt64 = 0
    /// Folders whose content may be the root of a machine.
    public var roots: [String] = []
    /// How roots are got that clients name by URL.
    public var images = ImageChoices()
    /// Ways out by name: `{"bridge", "addresses", "gateways"}` each.
    public var exits: [String: JSONValue] = [:]
    public var nameservers: [String] = ["8.8.8.8", "1.1.1.1", "2001:4860:4860::8888"]
    /// The public configuration that `zos.network.public_config_get` answers; null for none.
    public var publicConfiguration: JSONValue = .null
    /// The node's place on the Yggdrasil overlay; nil for none.
    public var overlay: OverlaySettings?
    /// Where the node stands; nil if the operator does not say.
    public var location: NodeLocation?
    public var performance = PerformanceConfiguration()
    /// What each plugin gets as its configuration, by id.
    public var plugins: [String: JSONValue] = [:]
    /// Lets trusted plugins start companions as root, with the capabilities that their manifests name.
    public var allowsRootCompanions = true
    /// What companions may have at most.
    public var companions = CompanionPolicy.nothing
    /// Lets plugins run although the kernel lacks a part of the sandbox.
    public var allowsUnsafeSandbox = false
    /// Offers commands that hold operations at named places and ask plugins directly: for tests of plugins, on an embedded ledger only.
    public var allowsUnsafeFaults = false
    /// Where figures are offered; nil for nowhere.
    public var metrics: MetricsAddress?
    /// Where the embedded ledger answers as a chain; nil: nowhere.
    public var ledgerRPC: RPCAddress?
    /// Lets plugins go on after a forbidden call, and lists what they tried. Development nodes only.
    public var allowsUnsafeTrace = false
    /// Program of the workers; found beside the node's own unless set.
    public var worker: String?
    public var companionShim: String?
    /// Program that fetches and unpacks roots.
    public var unpacker: String?

    public init() {}

    /// Reads TOML. Throws `.badConfiguration` naming the member.
    public init(toml text: String) throws(NodeError) {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: try TOMLTable(string: text).convert(to: .json), mode: .strict)
        } catch {
            throw NodeError(.badConfiguration, "the configuration is no TOML: \(error)", hint: nil)
        }
        self.init()
        guard let root = json.objectValue else {
            throw NodeError(.badConfiguration, "the configuration is no table", hint: nil)
        }
        for member in root.members { try set(member.key, member.value) }
    }

    private mutating func set(_ name: String, _ value: JSONValue) throws(NodeError) {
        switch name {
        case "network":
            let text = try NodeConfiguration.text(name, value)
            guard let preset = NetworkPreset(rawValue: text) else {
                throw NodeError(
                    .badConfiguration, "there is no network '\(text)'",
                    hint: "choose one of " + NetworkPreset.allCases.map(\.rawValue).joined(separator: ", "))
            }
            network = preset
        case "state": folders = StateFolder(state: try NodeConfiguration.text(name, value), run: folders.run)
        case "run": folders = StateFolder(state: folders.state, run: try NodeConfiguration.text(name, value))
        case "log_level":
            let text = try NodeConfiguration.text(name, value)
            guard let level = Logger.Level(rawValue: text) else {
                throw NodeError(
                    .badConfiguration, "there is no log level '\(text)'",
                    hint: "choose one of " + Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))
            }
            logLevel = level
        case "listen": listen = try NodeConfiguration.texts(name, value)
        case "peers":
            for (twin, address) in try NodeConfiguration.table(name, value) {
                guard let id = UInt32(twin), let text = address.stringValue else {
                    throw NodeError(
                        .badConfiguration, "'peers' maps twin ids to addresses",
                        hint: "peers = { 7 = \"10.0.0.1:8051\" }")
                }
                peers[id] = text
            }
        case "farm":
            guard let id = UInt32(exactly: try NodeConfiguration.number(name, value)) else {
                throw NodeError(.badConfiguration, "farm is no 32-bit number", hint: nil)
            }
            (farm, isFarmGiven) = (id, true)
        case "chain": chain = try NodeConfiguration.endpoints(name, value, schemes: ["ws", "wss"])
        case "relays":
            let given = try NodeConfiguration.texts(name, value)
            guard given.count <= WantedRegistration.mostRelays else {
                throw NodeConfiguration.wrong(name, "a list of at most \(WantedRegistration.mostRelays) relays")
            }
            relays = try given.map { (text) throws(NodeError) in try NodeConfiguration.relay(text) }
        case "relay_certificates": relayCertificates = try NodeConfiguration.text(name, value)
        case "encrypted_only": requiresEncryption = try NodeConfiguration.truth(name, value)
        case "ledger_socket": ledgerSocket = try NodeConfiguration.text(name, value)
        case "activation": activation = try NodeConfiguration.endpoints(name, value, schemes: ["http", "https"])
        case "identity_check":
            if let isOn = value.boolValue {
                identityCheck = isOn ? .ofNetwork : .off
            } else {
                let url = try NodeConfiguration.endpoints(name, .array([value]), schemes: ["http", "https"])
                identityCheck = url.first.map { .service($0) } ?? .off
            }
        case "administrators":
            administrators = []
            for element in try NodeConfiguration.list(name, value) {
                guard let id = element.uint64Value.flatMap(UInt32.init(exactly:)) else {
                    throw NodeConfiguration.wrong(name, "a list of twin ids")
                }
                administrators.append(id)
            }
        case "memory_reserve": memoryReserve = try NodeConfiguration.number(name, value)
        case "pool_size": poolSize = try NodeConfiguration.number(name, value)
        case "roots": roots = try NodeConfiguration.texts(name, value)
        case "images": images = try NodeConfiguration.images(value)
        case "nameservers": nameservers = try NodeConfiguration.texts(name, value)
        case "exits": exits = try NodeConfiguration.table(name, value)
        case "public": publicConfiguration = value
        case "yggdrasil": overlay = try NodeConfiguration.overlay(value)
        case "location":
            guard let place = NodeLocation(value) else {
                throw NodeConfiguration.wrong(
                    name, "longitude and latitude in degrees, and texts for continent and country")
            }
            location = place
        case "performance": performance = try PerformanceConfiguration(value)
        case "plugins": plugins = try NodeConfiguration.table(name, value)
        case "companions":
            do throws(HostingError) {
                companions = try CompanionPolicy(parsing: value)
            } catch { throw NodeError(.badConfiguration, error.message, hint: error.hint) }
        case "root_companions": allowsRootCompanions = try NodeConfiguration.truth(name, value)
        case "unsafe_sandbox": allowsUnsafeSandbox = try NodeConfiguration.truth(name, value)
        case "unsafe_trace_plugins": allowsUnsafeTrace = try NodeConfiguration.truth(name, value)
        case "unsafe_faults": allowsUnsafeFaults = try NodeConfiguration.truth(name, value)
        case "ledger":
            for (member, value) in try NodeConfiguration.table(name, value) {
                guard member == "rpc" else {
                    throw NodeError(
                        .badConfiguration, "'ledger' in the configuration has no member '\(member)'",
                        hint: "see docs/configuration.md")
                }
                ledgerRPC = try RPCAddress(parsing: try NodeConfiguration.text("ledger.rpc", value))
            }
        case "metrics": metrics = try MetricsAddress(parsing: try NodeConfiguration.text(name, value))
        case "worker": worker = try NodeConfiguration.text(name, value)
        case "unpacker": unpacker = try NodeConfiguration.text(name, value)
        case "companion_shim": companionShim = try NodeConfiguration.text(name, value)
        default:
            throw NodeError(
                .badConfiguration, "the configuration has no member '\(name)'", hint: "see docs/configuration.md")
        }
    }

    static func text(_ name: String, _ value: JSONValue) throws(NodeError) -> String {
        guard let text = value.stringValue else { throw wrong(name, "a text") }
        return text
    }

    static func number(_ name: String, _ value: JSONValue) throws(NodeError) -> UInt64 {
        guard let number = value.uint64Value else { throw wrong(name, "a whole number, not negative") }
        return number
    }

    static func truth(_ name: String, _ value: JSONValue) throws(NodeError) -> Bool {
        guard let truth = value.boolValue else { throw wrong(name, "true or false") }
        return truth
    }

    static func list(_ name: String, _ value: JSONValue) throws(NodeError) -> [JSONValue] {
        guard let list = value.arrayValue else { throw wrong(name, "a list") }
        return list
    }

    static func texts(_ name: String, _ value: JSONValue) throws(NodeError) -> [String] {
        let list = try list(name, value)
        let texts = list.compactMap(\.stringValue)
        guard texts.count == list.count else { throw wrong(name, "a list of texts") }
        return texts
    }

    private static func relay(_ text: String) throws(NodeError) -> RelayEndpoint {
        do throws(RMBError) { return try RelayEndpoint(text) } catch {
            throw NodeError(
                .badConfiguration, "'relays' in the configuration: \(error.message)",
                hint: "write \"wss://relay.grid.tf\" or \"name=ws://host:port\"")
        }
    }

    private static func endpoints(
        _ name: String, _ value: JSONValue, schemes: [String]
    ) throws(NodeError) -> [String] {
        let list = try texts(name, value)
        for text in list {
            guard schemes.contains(where: { text.hasPrefix($0 + "://") && text.utf8.count > $0.utf8.count + 3 }) else {
                throw wrong(
                    name, "made of addresses that begin with \(schemes.map { $0 + "://" }.joined(separator: " or "))")
            }
        }
        return list
    }

    static func table(_ name: String, _ value: JSONValue) throws(NodeError) -> [String: JSONValue] {
        guard let object = value.objectValue else { throw wrong(name, "a table") }
        return Dictionary(object.members.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }

    static func wrong(_ name: String, _ kind: String) -> NodeError {
        NodeError(.badConfiguration, "'\(name)' in the configuration is not \(kind)", hint: "see docs/configuration.md")
    }
}
