import JSON
import PluginSDK

extension NetworkProvisioner: Commanding, CompanionWatching {
    public var commands: [String] { ["zos.network.list_wg_ports"] }

    /// All UDP ports that a network cannot have: those of other networks and those that the node keeps.
    public func answer(_ command: Command<Network>, in context: Context) async throws -> JSONValue {
        let taken = try await context.reservations.list(in: ReservedPorts.space).compactMap { UInt16($0.value) }
        return .array(Set(taken + ReservedPorts.all).sorted().map { .number(JSONNumber($0)) })
    }

    /// Without wireguard-go a network is cut off, so it is provisioned again: that starts it with the same settings.
    public func companionExited(_ exit: CompanionExit, in context: Context) -> CompanionAction {
        context.log(.warning, "wireguard-go of \(exit.instance) ended after \(exit.uptime); starting it again")
        return .restart
    }
}
