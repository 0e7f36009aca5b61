import PluginSDK

/// The plugin, as manifest and entry function name it.
public func makeZMachinePlugin() -> Plugin {
    Plugin(id: "org.zos.zmachine", version: "1.0.0", Serving("zmachine", by: ZMachineProvisioner()))
}
