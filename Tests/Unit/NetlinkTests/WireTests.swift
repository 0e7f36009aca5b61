import Testing

@testable import Netlink

@Suite("Netlink messages")
struct WireTests {
    @Test("attributes are aligned, and read back as written")
    func roundTrip() {
        var writer = NetlinkWriter()
        writer.attribute(3, text: "abc")
        writer.attribute(7, UInt16(0x1234))
        writer.nest(9) { $0.attribute(1, [1, 2, 3]) }
        #expect(writer.bytes.count == 8 + 8 + 12)
        let read = NetlinkAttributes(writer.bytes[...])
        #expect(read.text(3) == "abc")
        #expect(read.integer(7) == UInt16(0x1234))
        #expect(read.nested(9)[1].map { Array($0) } == [1, 2, 3])
        #expect(read[4] == nil)
    }

    @Test("cut and twisted bytes are never read beyond their end")
    func hostile() {
        var writer = NetlinkWriter()
        writer.attribute(1, Array(repeating: UInt8(7), count: 40))
        writer.nest(2) { $0.attribute(3, UInt64(9)) }
        for length in 0...writer.bytes.count {
            for position in 0..<length {
                var bytes = Array(writer.bytes.prefix(length))
                bytes[position] ^= 0xff
                let read = NetlinkAttributes(bytes[...])
                _ = read.nested(2).integer(3, as: UInt64.self)
                _ = try? NetlinkMessage.split(bytes[...])
                _ = InstalledRule(NetlinkMessage(type: 0, flags: 0, sequence: 0, payload: bytes[...]))
                _ = Link(NetlinkMessage(type: RouteMessage.newLink, flags: 0, sequence: 0, payload: bytes[...]))
                _ = Route(NetlinkMessage(type: RouteMessage.newRoute, flags: 0, sequence: 0, payload: bytes[...]))
            }
        }
    }

    @Test("a message that claims to be longer than the datagram is refused")
    func overlong() {
        let message = NetlinkMessage.encode(type: 16, flags: 0, sequence: 1, payload: [1, 2, 3, 4])
        #expect(throws: NetlinkError.self) { try NetlinkMessage.split(message.dropLast()[...]) }
    }

    @Test("network and mask of an address follow its prefix")
    func network() throws {
        let address = try #require(InterfaceAddress(bytes: [10, 20, 35, 255], prefix: 19))
        #expect(address.network == [10, 20, 32, 0])
        #expect(address.mask == [255, 255, 224, 0])
        #expect(InterfaceAddress(bytes: [1, 2, 3, 4], prefix: 33) == nil)
        #expect(InterfaceAddress(bytes: [1, 2, 3], prefix: 8) == nil)
    }
}
