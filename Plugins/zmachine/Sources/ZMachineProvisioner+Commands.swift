import JSON
import PluginSDK

extension ZMachineProvisioner: Commanding {
    public var commands: [String] { ["zos.network.list_private_ips"] }

    /// The addresses of the caller's machines in a network (docs/spec/node-api.md section 5).
    public func answer(_ command: Command<ZMachine>, in context: Context) throws -> JSONValue {
        guard let network = command.payload["network_name"]?.stringValue else {
            throw PluginError.invalid("the request needs a network_name")
        }
        let interfaces = command.workloads.flatMap { $0.data.network.interfaces ?? [] }
        return .array(interfaces.filter { same($0.network, network) }.map { .string($0.ip) })
    }
}
