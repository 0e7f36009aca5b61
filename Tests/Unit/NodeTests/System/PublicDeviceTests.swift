import CHost
import Glibc
import Hosting
import Netlink
import RMB
import Testing

@testable import Node

@Suite("The device of public addresses", .enabled(if: getuid() == 0))
struct PublicDeviceTests {
    /// Runs on a thread of its own in a new network namespace with two devices and the bridge of public addresses.
    private func inside(_ body: @escaping @Sendable (PublicDevice, RouteNetlink) throws -> Void) async throws {
        let files = try FakeFiles(["/x": ""])
        try await OwnThread.run {
            guard zos_unshare(0x4000_0000) == 0 else { throw CallError("no namespace of its own") }
            let socket = try NetlinkProtocol.route.open()
            defer { close(socket) }
            let routes = RouteNetlink(descriptor: socket)
            for name in ["eth1", "eth2"] {
                try routes.create(NewLink(name: name, kind: .veth(peer: NewLink.Peer(name: "far-\(name)"))))
            }
            try routes.create(NewLink(name: "br-pub", kind: .bridge(BridgeOptions())))
            var device = PublicDevice(publicBridge: "br-pub", ownBridge: "br-out", path: files.root + "/choice")
            device.isDevice = { $0.name.hasPrefix("eth") }
            try body(device, routes)
        }
    }

    private static func refusal(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("a device becomes the way out of public addresses, stays it over restarts, and is given back with zos")
    func choice() async throws {
        try await inside { device, routes in
            #expect(try device.state() == .init(device: ""))
            #expect(try device.shown().map(\.name) == ["br-pub", "eth1", "eth2"])
            try device.choose("eth1")
            #expect(try device.state() == .init(device: "eth1"))
            let link = try #require(try routes.link(named: "eth1"))
            #expect(link.isUp)
            // As after a reboot.
            try routes.change(link.index, LinkChange(master: LinkChange.Master.none))
            try device.restore()
            #expect(try device.state() == .init(device: "eth1"))
            try device.choose("zos")
            #expect(try device.state() == .init(device: ""))
            try device.restore()
            #expect(try device.state() == .init(device: ""))
        }
    }

    @Test("what does not exist, is no device or is in use is refused in the reference's words")
    func refusals() async throws {
        try await inside { device, routes in
            #expect(Self.refusal { try device.choose("eth9") } == "Link not found")
            #expect(
                Self.refusal { try device.choose("br-pub") }
                    == "invalid exit bridge must be a physical nic or the default bridge")
            let link = try #require(try routes.link(named: "eth2"))
            let address = try #require(InterfaceAddress(bytes: [10, 0, 0, 1], prefix: 24))
            try routes.add(address, to: link.index)
            #expect(Self.refusal { try device.choose("eth2") } == "device is 'eth2' already used")
            let none = PublicDevice(publicBridge: nil, ownBridge: nil, path: device.path)
            #expect(Self.refusal { try none.choose("eth1") } == "not supported")
        }
    }
}
