import Testing

@testable import Netlink

/// This kernel has no WireGuard, so the messages are checked against linux/wireguard.h byte by byte.
@Suite("WireGuard over generic netlink")
struct WireGuardTests {
    private let key = (0..<32).map { UInt8($0) }

    @Test("a change names the device, the key, the port and each peer")
    func change() throws {
        let range = try #require(InterfaceAddress(bytes: [10, 20, 4, 9], prefix: 24))
        let peer = WireGuardPeer(
            publicKey: key, endpoint: WireGuardPeer.Endpoint(address: [192, 0, 2, 1], port: 51820), allowed: [range],
            keepalive: 20)
        let change = WireGuardChange(
            privateKey: key, listenPort: 4000, peers: [.set(peer), .remove(Array(key.reversed()))])
        let messages = GenericNetlink.messages(for: change, of: "w-net")
        try #require(messages.count == 1)
        #expect(messages[0].prefix(4) == [1, 1, 0, 0])
        let read = NetlinkAttributes(messages[0].dropFirst(4))
        #expect(read.text(2) == "w-net")
        #expect(read[3].map { Array($0) } == key)
        #expect(read.integer(6) == UInt16(4000))
        let peers = read.nested(8).all.map { NetlinkAttributes($0.value) }
        try #require(peers.count == 2)
        #expect(peers[0].integer(3) == UInt32(2), "replaces the ranges")
        #expect(peers[0][4].map { Array($0) } == [2, 0, 0xca, 0x6c, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(peers[0].integer(5) == UInt16(20))
        let allowed = NetlinkAttributes(try #require(peers[0].nested(9).all.first).value)
        #expect(allowed.integer(1) == UInt16(2))
        #expect(allowed[2].map { Array($0) } == [10, 20, 4, 0])
        #expect(allowed.integer(3) == UInt8(24))
        #expect(peers[1].integer(3) == UInt32(1), "removes")
        #expect(read[5] == nil, "never replaces the whole set")
    }

    @Test("many peers are spread over several messages, the key goes with the first")
    func many() {
        let peers = (0..<20).map { WireGuardChange.PeerChange.remove([UInt8](repeating: UInt8($0), count: 32)) }
        let messages = GenericNetlink.messages(for: WireGuardChange(privateKey: key, peers: peers), of: "w")
        let read = messages.map { NetlinkAttributes($0.dropFirst(4)) }
        #expect(read.map { $0.nested(8).all.count } == [8, 8, 4])
        #expect(read.map { $0[3] != nil } == [true, false, false])
    }

    @Test("a device that is spread over two messages is put together")
    func device() throws {
        let range = try #require(InterfaceAddress(bytes: [10, 0, 0, 0], prefix: 8))
        func part(_ first: Bool) -> NetlinkMessage {
            var writer = GenericNetlink.header(command: 0, version: 1)
            if first {
                writer.attribute(3, key)
                writer.attribute(6, UInt16(4000))
            }
            writer.nest(8) {
                $0.nest(0) {
                    $0.attribute(1, key)
                    if first { $0.attribute(4, [2, 0, 0xca, 0x6c, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0]) }
                    $0.nest(9) {
                        $0.nest(0) {
                            $0.attribute(1, UInt16(2))
                            $0.attribute(2, range.bytes)
                            $0.attribute(3, range.prefix)
                        }
                    }
                }
            }
            return NetlinkMessage(type: 30, flags: 2, sequence: 1, payload: writer.bytes[...])
        }
        let device = GenericNetlink.device(from: [part(true), part(false)])
        #expect(device.privateKey == key && device.listenPort == 4000)
        try #require(device.peers.count == 1)
        #expect(device.peers[0].allowed == [range, range])
        #expect(device.peers[0].endpoint == WireGuardPeer.Endpoint(address: [192, 0, 2, 1], port: 51820))
    }

    @Test("the private key does not show up when a change is printed")
    func redaction() {
        let change = WireGuardChange(privateKey: [UInt8](repeating: 0xab, count: 32), listenPort: 4000)
        let device = WireGuardDevice(privateKey: [UInt8](repeating: 0xab, count: 32))
        for text in ["\(change)", String(reflecting: change), "\(device)", String(reflecting: device)] {
            #expect(!text.contains("171"))
        }
        var dumped = ""
        dump(change, to: &dumped)
        dump(device, to: &dumped)
        #expect(!dumped.contains("171"))
    }

    @Test("a family that the kernel lacks is nil")
    func family() throws {
        let namespace = try TestNamespace()
        let generic = GenericNetlink(try namespace.socket(.generic))
        #expect(try generic.family("nlctrl") == 16)
        #expect(try generic.family("no such family") == nil)
    }
}
