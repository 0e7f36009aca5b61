import PluginABI
import PluginSDK
import ZMachineProvisioner

@c @implementation
public func zos_plugin_entry(_ hostABI: UInt32) -> UnsafePointer<zos_plugin>? {
    Plugin.entry(hostABI, makeZMachinePlugin)
}
