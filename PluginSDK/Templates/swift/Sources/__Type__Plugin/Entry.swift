import PluginABI
import PluginSDK

/// The plugin, with id and version as in `plugin.json`.
public func makePlugin() -> Plugin {
    Plugin(id: "__id__", version: "0.1.0", Serving("__type__", by: __Type__Provisioner()))
}

/// The one symbol that the node looks for.
@c @implementation
public func zos_plugin_entry(_ hostABI: UInt32) -> UnsafePointer<zos_plugin>? {
    Plugin.entry(hostABI, makePlugin)
}
