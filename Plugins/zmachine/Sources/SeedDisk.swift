import Addresses
import JSON

/// What a machine with a kernel of its own is told: a disk labelled `cidata` in the form of cloud-init's NoCloud, and
/// `zosrc`, lines for a shell (docs/spec/workloads.md section 6.4). JSON is YAML too.
struct SeedDisk: Sendable {
    let bytes: [UInt8]

    init(
        _ plan: MachinePlan, workload: String, program: MachineProgram, keys: [String], nameservers: [String]
    ) throws {
        let meta: JSONValue = ["instance-id": .string(workload), "local-hostname": .string(plan.hostname)]
        bytes = try DiscImage(label: "cidata")
            .adding("meta-data", meta.text + "\n")
            .adding("network-config", Self.network(plan, nameservers).text + "\n")
            .adding("user-data", "#cloud-config\n" + Self.user(plan, keys).text + "\n")
            .adding("zosrc", Self.script(program)).bytes
    }

    private static func network(_ plan: MachinePlan, _ nameservers: [String]) -> JSONValue {
        var interfaces = JSONObject()
        for interface in plan.interfaces {
            var entry: JSONObject = [
                "match": ["macaddress": .string(interface.mac.text)], "set-name": .string(interface.name),
                "addresses": .array(interface.addresses.map { .string($0.text) }),
                "nameservers": ["addresses": .array(nameservers.map(JSONValue.string))],
            ]
            var routes: [JSONValue] = []
            for route in interface.routes {
                guard let destination = route.destination else {
                    entry[route.gateway.v4 == nil ? "gateway6" : "gateway4"] = .string(route.gateway.text)
                    continue
                }
                routes.append(["to": .string(destination.text), "via": .string(route.gateway.text)])
            }
            if !routes.isEmpty { entry["routes"] = .array(routes) }
            interfaces[interface.name] = .object(entry)
        }
        return ["version": 2, "ethernets": .object(interfaces)]
    }

    private static func user(_ plan: MachinePlan, _ keys: [String]) -> JSONValue {
        let disks = plan.disks.map { ["/dev/disk/by-id/virtio-\($0.serial)", $0.target, "auto"] }
        let shares = plan.shares.map { [$0.tag, $0.target, "virtiofs"] }
        let mounts = (disks + shares).map { mount -> JSONValue in
            .array((mount + ["defaults", "0", "0"]).map(JSONValue.string))
        }
        return [
            "users": [["name": "root", "ssh_authorized_keys": .array(keys.map(JSONValue.string))]],
            "mounts": .array(mounts),
        ]
    }

    private static func script(_ program: MachineProgram) -> String {
        var lines = program.variables.map { "export \($0.name)=\(GuestConfiguration.quoted($0.value))" }
        if let directory = program.directory { lines.append("dir=\(GuestConfiguration.quoted(directory))") }
        if let first = program.words.first {
            lines.append("init=\(GuestConfiguration.quoted(first))")
            lines.append("set -- " + program.words.dropFirst().map(GuestConfiguration.quoted).joined(separator: " "))
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
