import Glibc
import Netlink
import RMB

/// The device by which the segment of public addresses leaves the node, if it is not the node's own
/// (docs/spec/node-api.md section 5). The choice is kept on disk and made again at each start.
struct PublicDevice: Sendable {
    struct State: Sendable, Hashable {
        /// The device of its own; empty for the node's.
        let device: String
    }

    /// The name that stands for the node's own way out.
    static let ownName = "zos"

    /// The bridge of public addresses, and that of the node's own way out; nil if the operator configured none.
    let publicBridge: String?
    let ownBridge: String?
    /// The file of the choice.
    let path: String
    /// Told apart by tests, which have no devices.
    var isDevice: @Sendable (HostInterfaces.Interface) -> Bool = { $0.kind == nil && !$0.mac.isEmpty }

    /// What the farmer may choose from: devices, and the bridges of the ways out.
    func shown() throws(NetlinkError) -> [HostInterfaces.Interface] {
        try HostInterfaces.list().filter { isDevice($0) || $0.name == publicBridge || $0.name == ownBridge }
    }

    /// How it is now.
    /// - Throws: `CallError("not supported")` without a bridge of public addresses.
    func state() throws(CallError) -> State {
        let bridge = try requiredBridge()
        let links = try links()
        guard bridge != ownBridge, let index = links.first(where: { $0.name == bridge })?.index else {
            return State(device: "")
        }
        return State(device: links.first { $0.master == index && isDevice($0) }?.name ?? "")
    }

    /// Moves the segment of public addresses to a device, or back to the node's own with `zos`.
    func choose(_ name: String) throws(CallError) {
        let bridge = try requiredBridge()
        let links = try links()
        if name == Self.ownName || name == ownBridge {
            try keep("")
            let own = try state().device
            if !own.isEmpty, let link = links.first(where: { $0.name == own }) { try attach(link, to: .none) }
            return
        }
        guard let link = links.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
            throw CallError("Link not found")
        }
        guard isDevice(link) else {
            throw CallError("invalid exit bridge must be a physical nic or the default bridge")
        }
        guard let target = links.first(where: { $0.name == bridge }) else {
            throw CallError("Link \(bridge) not found")
        }
        if link.master == target.index { return try keep(name) }
        // A device with addresses carries the node itself; one in another bridge belongs to somebody.
        guard link.master == nil, link.addresses.allSatisfy(\.address.isLinkLocal) else {
            throw CallError("device is '\(name)' already used")
        }
        try keep(name)
        try attach(link, to: .index(target.index))
    }

    /// Makes the stored choice again. Throws `CallError` if it cannot be made.
    func restore() throws(CallError) {
        let stored: String?
        do throws(NodeError) { stored = try SecretFile.read(path) } catch { throw CallError(error.message) }
        guard let stored, !stored.isEmpty else { return }
        try choose(stored)
    }

    private func requiredBridge() throws(CallError) -> String {
        guard let publicBridge else { throw CallError("not supported") }
        return publicBridge
    }

    private func links() throws(CallError) -> [HostInterfaces.Interface] {
        do throws(NetlinkError) { return try HostInterfaces.list() } catch { throw CallError("\(error)") }
    }

    private func keep(_ name: String) throws(CallError) {
        do throws(NodeError) { try SecretFile.write(name, to: path) } catch { throw CallError(error.message) }
    }

    private func attach(_ link: HostInterfaces.Interface, to master: LinkChange.Master) throws(CallError) {
        do throws(NetlinkError) {
            let socket = try NetlinkProtocol.route.open()
            defer { close(socket) }
            try RouteNetlink(descriptor: socket).change(link.index, LinkChange(master: master, isUp: true))
        } catch { throw CallError("failed to set up device \(link.name): \(error)") }
    }
}
