import ArgumentParser
import Hosting
import JSON

/// `zos plugin entitlements`.
struct PluginEntitlementsCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "entitlements", abstract: "Show the rights that a manifest can ask for, and what each opens.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "One of them, with everything that it opens.")
    var name: String?
    @Flag(help: "Print all of them as docs/entitlements.md has them.")
    var markdown = false

    func execute() async throws {
        if markdown {
            return global.output.result(
                ["markdown": .string(EntitlementCatalog.markdown)], text: EntitlementCatalog.markdown)
        }
        guard let name else {
            let rows = EntitlementCatalog.all.map { [$0.name, $0.summary] }
            return global.output.result(
                ["entitlements": .array(EntitlementCatalog.all.map(\.json))], text: Output.table(rows))
        }
        guard let definition = EntitlementCatalog.named(name) else {
            throw CommandError(
                .notFound, "there is no entitlement '\(name)'", hint: "see 'zos plugin entitlements'")
        }
        global.output.result(definition.json, text: definition.text)
    }
}
