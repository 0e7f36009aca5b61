import ArgumentParser

/// `zos trust`.
struct TrustCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust", abstract: "Say whose plugins the node runs.",
        discussion: """
            Changes the node's trust.json. A node that runs takes the change in at once; it ends what is no longer trusted
            and refuses it from then on. No node has to run.
            """,
        subcommands: [
            TrustListCommand.self, TrustAddCommand.self, TrustRevokeCommand.self, TrustPinCommand.self,
            TrustUnpinCommand.self, TrustMinimumCommand.self, TrustLogCommand.self,
        ])
}
