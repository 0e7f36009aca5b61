import PluginSDK

/// The plugin, as manifest and entry function name it.
public func makeNetworkPlugin() -> Plugin {
    Plugin(id: "org.zos.network", version: "1.0.0", Serving("network", by: NetworkProvisioner()))
}
