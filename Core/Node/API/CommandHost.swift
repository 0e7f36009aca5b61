import Hosting

/// What the node's commands need of the plugins.
protocol CommandHost: WorkloadHost {
    /// The commands that manifests declare, with the plugin that serves each.
    func commands() -> [TypeCatalog.Command]
    /// Every plugin that is installed, loaded or not.
    func reports() -> [PluginReport]
    /// What loaded plugins add to the node's features beside their types.
    func features() -> [String]
}

extension PluginHost: CommandHost {}
