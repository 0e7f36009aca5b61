import CHost
import Glibc
import JSON
import PluginSDK

extension KernelHost {
    func serveNamespace(_ service: String, _ request: JSONValue) throws -> HostReply {
        let name = request["name"]?.stringValue ?? request["namespace"]?.stringValue ?? ""
        switch service {
        case "namespace.create":
            if namespace(name) != nil { return HostReply(["created": false]) }
            let made = zos_netns_new(-1)
            guard made >= 0 else { throw PluginError.failed("namespace \(name): \(made)") }
            state.withLock { $0.namespaces[name] = made }
            return HostReply(["created": true])
        case "namespace.delete":
            if let gone = state.withLock({ $0.namespaces.removeValue(forKey: name) }) { close(gone) }
            return HostReply()
        case "namespace.list":
            let names = state.withLock { $0.namespaces.keys.sorted() }
            return HostReply(["names": .array(names.map(JSONValue.string))])
        case "netlink.open":
            let numbers: [String: Int32] = ["route": 0, "netfilter": 12, "generic": 16]
            guard let number = numbers[request["protocol"]?.stringValue ?? ""] else {
                throw PluginError.invalid("no such netlink family")
            }
            let socket = zos_socket_in(try required(name), 16, Int32(SOCK_RAW.rawValue), number)
            guard socket >= 0 else { throw PluginError.failed("netlink socket: \(socket)") }
            return HostReply(descriptors: [Descriptor(taking: socket)])
        case "sysctl.set":
            try set(request["key"]?.stringValue ?? "", request["value"]?.stringValue ?? "", try required(name))
            return HostReply()
        default: throw PluginError.unsupported(service)
        }
    }

    private func set(_ key: String, _ value: String, _ namespace: Int32) throws {
        var setting = (
            path: strdup("/proc/sys/" + String(key.map { $0 == "." ? "/" : $0 })), value: strdup(value)
        )
        defer {
            free(setting.path)
            free(setting.value)
        }
        let result = zos_in_namespace(
            namespace,
            { context in
                // SAFETY: the context is the tuple below, which outlives the call.
                guard
                    let setting = context?.assumingMemoryBound(
                        to: (path: UnsafeMutablePointer<CChar>?, value: UnsafeMutablePointer<CChar>?).self),
                    let path = setting.pointee.path, let value = setting.pointee.value
                else { return -22 }
                let file = open(path, O_WRONLY)
                guard file >= 0 else { return -errno }
                defer { close(file) }
                return write(file, value, strlen(value)) < 0 ? -errno : 0
            }, &setting)
        guard result == 0 else { throw PluginError.failed("sysctl \(key): \(result)") }
    }
}
