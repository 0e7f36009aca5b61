import ArgumentParser

/// `zos trust revoke KEY|NAME`.
struct TrustRevokeCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Refuse whatever a key signed, from now on.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The publisher's key, the file of it, or its name in the policy.")
    var key: String
    @Flag(help: "Take a revocation back.")
    var undo = false

    func execute() async throws {
        let session = try TrustSession(global.location)
        let found = try session.key(key)
        try await session.apply(
            undo ? .restore(found) : .revoke(found), global.output,
            says: "the key \(found.base64) is \(undo ? "trusted again" : "revoked")")
    }
}
