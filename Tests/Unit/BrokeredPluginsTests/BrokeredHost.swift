import CHost
import Glibc
import Hosting
import JSON
import PluginSDK

/// Carries the calls of a provisioner to the node's real brokers, as a worker would.
struct BrokeredHost: Host {
    let brokers: Brokers
    let plugin: String

    func log(_ level: LogLevel, _ message: String) {}

    func call(_ service: String, workload: String?, request: JSONValue, descriptors: [Descriptor]) async throws
        -> HostReply
    {
        let copies = descriptors.map { OwnedDescriptor(taking: zos_duplicate($0.number, 3)) }
        let answer = await brokers.serve(
            HostCall(plugin: plugin, service: service, workload: workload, request: request, descriptors: copies))
        let received = answer.descriptors.map { Descriptor(taking: zos_duplicate($0.number, 3)) }
        guard let status = PluginError.Status(rawValue: answer.status.rawValue) else {
            return HostReply(answer.payload, descriptors: received)
        }
        throw PluginError(
            status, code: answer.payload["code"]?.stringValue ?? "",
            message: "\(service): \(answer.payload["message"]?.stringValue ?? "")")
    }
}
