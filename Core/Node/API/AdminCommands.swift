import Addresses
import JSON
import Netlink
import RMB

/// `zos.admin.*`, and the same as `zos.network.admin.*`, for the farmer: clients of today use the one or the other
/// (docs/spec/node-api.md sections 5 and 8). The router has checked the caller.
struct AdminCommands: Sendable {
    let device: PublicDevice
    let metrics: NodeMetrics

    func register(on router: Router) {
        for prefix in ["zos.admin", "zos.network.admin"] {
            router.register("\(prefix).interfaces") { _ in try interfaces() }
            router.register("\(prefix).get_public_nic") { _ in try device.state().json }
            router.register("\(prefix).set_public_nic") { request in
                let value = try request.json()
                guard let name = value.stringValue else {
                    throw CallError("failed to decode input, expecting string: found \(value.kindName)")
                }
                try device.choose(name)
                return .null
            }
        }
        router.register("zos.admin.metrics") { _ in ["text": .string(await metrics.text())] }
    }

    /// Physical devices and the bridges that are ways out; never loopback.
    private func interfaces() throws -> JSONValue {
        .object(
            JSONObject(
                members: try device.shown().map { interface in
                    let addresses = interface.addresses.map { JSONValue.string($0.text) }
                    return JSONMember(
                        key: interface.name, value: ["ips": .array(addresses), "mac": .string(interface.mac)])
                }))
    }
}

extension PublicDevice.State {
    var json: JSONValue {
        [
            "is_single": .bool(device.isEmpty), "is_dual": .bool(!device.isEmpty), "dual_interface": .string(device),
        ]
    }
}
