import PluginSDK

/// The plugin, as manifest and entry function name it.
public func makePublicIPPlugin() -> Plugin {
    Plugin(id: "org.zos.publicip", version: "1.0.0", Serving("ip", "ipv4", by: PublicIPProvisioner()))
}
