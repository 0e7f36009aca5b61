import PluginABI
import PluginSDK
import VolumeProvisioner

@c @implementation
public func zos_plugin_entry(_ hostABI: UInt32) -> UnsafePointer<zos_plugin>? {
    Plugin.entry(hostABI, makeVolumePlugin)
}
