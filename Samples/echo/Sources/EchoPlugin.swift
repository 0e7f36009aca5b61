import PluginSDK

/// The plugin, as manifest and entry function name it.
public func makeEchoPlugin() -> Plugin {
    Plugin(id: "org.zos.echo", version: "1.0.0", Serving("echo", by: EchoProvisioner()))
}
