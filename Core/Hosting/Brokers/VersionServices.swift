/// The brokers for one version of a plugin: two may run side by side, each with what its own manifest entitles it to.
struct VersionServices: HostServices {
    let brokers: Brokers
    let rights: PluginRights

    func serve(_ call: HostCall) async -> HostAnswer { await brokers.serve(call, with: rights) }
}
