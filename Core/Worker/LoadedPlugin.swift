import Glibc
import JSON
import PluginABI
import WorkerSandbox

/// The plugin in this process.
struct LoadedPlugin {
    private let plugin: UnsafePointer<zos_plugin>
    private let abi: UInt32
    private var state: UnsafeMutableRawPointer?
    private let host: UnsafePointer<zos_host>

    /// Loads the verified object, finds the entry and agrees on an ABI version.
    init(_ plan: LaunchPlan) throws(LoadError) {
        let descriptor = LaunchPlan.Descriptor.object
        let handle = dlopen("/proc/self/fd/\(descriptor)", RTLD_NOW | RTLD_LOCAL)
        close(descriptor)
        guard let handle else {
            // SAFETY: dlerror's text lives until the next call of this thread's dynamic linker.
            let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
            throw LoadError("the object of plugin \(plan.plugin) \(plan.version) cannot be loaded: \(reason)")
        }
        guard let symbol = dlsym(handle, "zos_plugin_entry") else {
            throw LoadError("the object of plugin \(plan.plugin) \(plan.version) exports no zos_plugin_entry")
        }
        // SAFETY: the symbol is what zos_plugin.h declares under this name; the object stays loaded for good.
        let entry = unsafeBitCast(symbol, to: (@convention(c) (UInt32) -> UnsafePointer<zos_plugin>?).self)
        (plugin, abi) = try Self.negotiate(entry, plan)
        host = makeHost(abi: abi)
    }

    private static func negotiate(
        _ entry: @convention(c) (UInt32) -> UnsafePointer<zos_plugin>?, _ plan: LaunchPlan
    ) throws(LoadError) -> (UnsafePointer<zos_plugin>, UInt32) {
        for version in plan.abi {
            guard let plugin = entry(version) else { continue }
            let facts = plugin.pointee
            guard facts.size >= MemoryLayout<zos_plugin>.size, facts.abi == version else {
                throw refusal(plan, speaks: "ABI \(facts.abi)")
            }
            let (id, release) = (String(cString: facts.id), String(cString: facts.version))
            guard id.utf8.elementsEqual(plan.plugin.utf8), release.utf8.elementsEqual(plan.version.utf8) else {
                throw LoadError(
                    "the manifest says \(plan.plugin) \(plan.version), the object calls itself \(id) \(release)")
            }
            return (plugin, facts.abi)
        }
        // For the message only: whatever the plugin answers here is not used.
        let other = probedVersions.filter { entry($0) != nil }.map(String.init)
        throw refusal(
            plan, speaks: other.isEmpty ? "no ABI version that it tells" : "ABI \(other.joined(separator: ", "))")
    }

    /// Versions that a plugin is asked for after it has refused those that the node speaks.
    private static let probedVersions: ClosedRange<UInt32> = 0...63

    private static func refusal(_ plan: LaunchPlan, speaks other: String) -> LoadError {
        let spoken = plan.abi.sorted()
        let range = spoken.count > 1 ? "\(spoken.first ?? 0)–\(spoken.last ?? 0)" : "\(spoken.first ?? 0)"
        return LoadError(
            "plugin \(plan.plugin) \(plan.version) speaks \(other), this node speaks \(range); "
                + "install a build of the plugin for one of these or a node that speaks the plugin's")
    }

    mutating func start(configuration: String) throws(LoadError) {
        var configuration = configuration
        let status = configuration.withUTF8 { bytes in
            plugin.pointee.start(host, zos_bytes(pointer: bytes.baseAddress, length: UInt64(bytes.count)), &state)
        }
        guard status == 0 else { throw LoadError("the plugin's start answered with status \(status)", code: .failed) }
    }

    /// What the ready note carries.
    var facts: JSONValue {
        [
            "id": .string(String(cString: plugin.pointee.id)),
            "version": .string(String(cString: plugin.pointee.version)),
            "abi": .number(JSONNumber(abi)), "abilities": .number(JSONNumber(plugin.pointee.abilities)),
        ]
    }

    /// Hands a request over. The plugin answers when it likes.
    func handle(_ message: Message, descriptors: [Int32]) {
        let token = session.open(message.id)
        message.payload.withUnsafeBufferPointer { payload in
            descriptors.withUnsafeBufferPointer { descriptors in
                plugin.pointee.handle(
                    state, UInt32(message.operation),
                    zos_bytes(pointer: payload.baseAddress, length: UInt64(payload.count)),
                    zos_descriptors(pointer: descriptors.baseAddress, count: UInt32(descriptors.count)), finishRequest,
                    token)
            }
        }
    }

    func stop() { plugin.pointee.stop(state) }
}

/// Why the plugin is not running, for the operator.
struct LoadError: Error, CustomStringConvertible {
    enum Code: String {
        /// No other attempt with the same object can end differently.
        case incompatible
        case failed
    }

    let code: Code
    let description: String

    init(_ description: String, code: Code = .incompatible) {
        self.description = description
        self.code = code
    }
}
