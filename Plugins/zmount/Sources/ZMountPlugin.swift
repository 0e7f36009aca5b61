import PluginSDK

/// The plugin, as manifest and entry function name it.
public func makeZMountPlugin() -> Plugin {
    Plugin(id: "org.zos.zmount", version: "1.0.0", Serving("zmount", by: ZMountProvisioner()))
}
