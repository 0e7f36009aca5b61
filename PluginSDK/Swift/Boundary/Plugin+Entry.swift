import JSON
import PluginABI
import Synchronization

/// The plugin of this image. `start` of the C boundary has no argument that could carry it, so it is kept here; one
/// image exports one plugin. Written once, by the first call of the entry function.
private let installed = Mutex<Installed?>(nil)

private struct Installed: @unchecked Sendable {
    // SAFETY: @unchecked for the pointers: allocated once, written before they are published, never changed or freed.
    let plugin: Plugin
    /// One for each ABI version that this SDK speaks.
    let descriptors: [UInt32: UnsafePointer<zos_plugin>]
}

extension Plugin {
    /// The ABI versions that this SDK speaks: the current one and the one before it.
    public static var spokenABI: ClosedRange<UInt32> { UInt32(ZOS_PLUGIN_ABI) - 1...UInt32(ZOS_PLUGIN_ABI) }

    /// The body of `zos_plugin_entry`: nil if this SDK does not speak the node's ABI version. A node of an older one sees
    /// the plugin without the operations that came later.
    public static func entry(_ hostABI: UInt32, _ make: () -> Plugin) -> UnsafePointer<zos_plugin>? {
        guard spokenABI.contains(hostABI) else { return nil }
        return installed.withLock { installed in
            if let installed { return installed.descriptors[hostABI] }
            let plugin = make()
            let described = spokenABI.map { ($0, describe(plugin, abi: $0)) }
            let new = Installed(plugin: plugin, descriptors: Dictionary(uniqueKeysWithValues: described))
            installed = new
            return new.descriptors[hostABI]
        }
    }

    private static func describe(_ plugin: Plugin, abi: UInt32) -> UnsafePointer<zos_plugin> {
        // SAFETY: never freed: the descriptor and its texts are constant for the life of the process.
        let descriptor = UnsafeMutablePointer<zos_plugin>.allocate(capacity: 1)
        descriptor.initialize(
            to: zos_plugin(
                size: UInt32(MemoryLayout<zos_plugin>.size), abi: abi, id: permanent(plugin.id),
                version: permanent(plugin.version),
                abilities: plugin.operations.filter { $0.sinceABI <= abi }.reduce(0) { $0 | $1.ability },
                start: startPlugin, handle: handleRequest, stop: stopPlugin))
        return UnsafePointer(descriptor)
    }

    private static func permanent(_ text: String) -> UnsafePointer<CChar> {
        let bytes = Array(text.utf8CString)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        copy.initialize(from: bytes, count: bytes.count)
        return UnsafePointer(copy)
    }
}

private func startPlugin(
    _ host: UnsafePointer<zos_host>, _ configuration: zos_bytes,
    _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> Int32 {
    guard let plugin = installed.withLock({ $0?.plugin }) else { return PluginError.Status.failed.rawValue }
    let connection = HostConnection(host.pointee)
    let text = configuration.copied()
    do {
        let json: JSONValue = text.isEmpty ? [:] : try JSONValue(parsing: text)
        let running = RunningPlugin(plugin: plugin, context: Context(host: connection, configuration: json))
        state.pointee = Unmanaged.passRetained(running).toOpaque()
        return 0
    } catch {
        connection.log(.error, "the plugin's configuration is no JSON: \(error)")
        return PluginError.Status.invalid.rawValue
    }
}

private func handleRequest(
    _ state: UnsafeMutableRawPointer?, _ operation: UInt32, _ request: zos_bytes, _ descriptors: zos_descriptors,
    _ done: @escaping zos_done, _ token: UnsafeMutableRawPointer?
) {
    // No operation of this ABI hands over descriptors, but whatever comes is ours to close.
    _ = descriptors.taken()
    let reply = PendingReply(done: done, token: token)
    guard let state else { return reply.fail(.failed("the plugin was not started")) }
    guard let operation = Operation(rawValue: operation) else {
        return reply.fail(.unsupported("this plugin knows no operation \(operation)"))
    }
    // SAFETY: `state` is what startPlugin retained, and the node calls stop only when no request is open.
    let running = Unmanaged<RunningPlugin>.fromOpaque(state).takeUnretainedValue()
    running.serve(operation, request.copied(), answering: reply)
}

private func stopPlugin(_ state: UnsafeMutableRawPointer?) {
    guard let state else { return }
    // SAFETY: balances the retain in startPlugin; the node calls stop once.
    Unmanaged<RunningPlugin>.fromOpaque(state).release()
}
