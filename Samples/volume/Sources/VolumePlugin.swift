import PluginSDK

/// The plugin, as manifest and entry function name it.
public func makeVolumePlugin() -> Plugin {
    Plugin(id: "org.zos.volume", version: "1.0.0", Serving("volume", by: VolumeProvisioner()))
}
