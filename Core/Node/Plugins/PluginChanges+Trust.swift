import Hosting
import JSON

extension PluginChanges {
    /// Reads trust.json anew, ends what is no longer trusted and starts what is trusted again. Installs and removes nothing;
    /// workloads and their companions go on.
    func reloadTrust() async throws -> JSONValue {
        try await exclusively {
            let trust = try await self.trust()
            host.use(trust)
            var (ended, started): ([JSONValue], [JSONValue]) = ([], [])
            for installed in packages.installed() {
                if host.runnable(installed.id) == nil {
                    guard await admit(installed, trust) else { continue }
                    started.append(["id": .string(installed.id), "version": .string(installed.version)])
                } else if let reason = await reasonAgainst(installed, trust) {
                    log.error("plugin ended", metadata: ["plugin": "\(installed.id)", "reason": "\(reason)"])
                    await host.withdraw(installed.id, because: reason)
                    brokers.unregister(installed.id)
                    ended.append(["id": .string(installed.id), "reason": .string(reason)])
                }
            }
            commandsChanged()
            return ["ended": .array(ended), "started": .array(started)]
        }
    }

    private func reasonAgainst(_ installed: PackageStore.Installed, _ trust: TrustPolicy) async -> String? {
        let packages = packages
        do {
            _ = try await OwnThread.run { try packages.load(installed.id, trust: trust) }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Whether a plugin that did not run does now.
    private func admit(_ installed: PackageStore.Installed, _ trust: TrustPolicy) async -> Bool {
        let (packages, plugins) = (packages, assembly.plugins)
        do {
            let plugin = try await OwnThread.run {
                let package = try packages.load(installed.id, trust: trust)
                return try plugins.assemble(package, copy: packages.folder(of: package))
            }
            try host.checkConflicts(of: plugin.package)
            brokers.register(plugin.rights)
            await host.restore(assembly.runnable(plugin))
            log.notice("plugin started", metadata: ["plugin": "\(installed.id)", "version": "\(installed.version)"])
            return true
        } catch {
            // `zos plugin list` goes on saying why.
            log.info("plugin still refused", metadata: ["plugin": "\(installed.id)", "reason": "\(error)"])
            return false
        }
    }
}
