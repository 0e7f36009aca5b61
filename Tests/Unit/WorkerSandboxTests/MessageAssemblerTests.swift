import Testing

@testable import WorkerSandbox

@Suite("frames")
struct MessageAssemblerTests {
    private func packet(
        _ kind: FrameKind = .reply, more: Bool = false, id: UInt64 = 7, status: Int32 = 0, payload: [UInt8] = [1, 2]
    ) -> [UInt8] {
        FrameHeader(
            kind: kind, hasMore: more, operation: 5, id: id, status: status, length: UInt32(payload.count), deadline: 9
        ).bytes + payload
    }

    private func assembled(_ packets: [[UInt8]]) throws -> [Message] {
        var assembler = MessageAssembler(accepting: [.reply, .call, .note])
        return try packets.compactMap { try assembler.take($0, descriptors: [])?.0 }
    }

    @Test("a header is 32 bytes, little endian, in the order of the specification")
    func layout() {
        let header = FrameHeader(
            kind: .reply, hasMore: true, operation: 0x0102, id: 0x0304_0506_0708_090a, status: -2, length: 0x0b0c,
            deadline: 0x0d0e)
        #expect(
            header.bytes == [
                0x5a, 0x4f, 0x53, 0x31, 2, 1, 2, 1, 0x0a, 9, 8, 7, 6, 5, 4, 3, 0xfe, 0xff, 0xff, 0xff, 0x0c, 0x0b, 0, 0,
                0x0e, 0x0d, 0, 0, 0, 0, 0, 0,
            ])
    }

    @Test("what is written is read back")
    func roundTrip() throws {
        let message = try #require(try assembled([packet(status: -5)]).first)
        #expect(message.kind == .reply && message.id == 7 && message.status == -5 && message.operation == 5)
        #expect(message.payload == [1, 2] && message.deadline == 9)
    }

    @Test("packets of one message come together, descriptors from the first")
    func parts() throws {
        var assembler = MessageAssembler(accepting: [.reply])
        #expect(try assembler.take(packet(more: true), descriptors: [3, 4]) == nil)
        #expect(assembler.pendingDescriptors == [3, 4])
        let (message, descriptors) = try #require(try assembler.take(packet(payload: [3]), descriptors: []))
        #expect(message.payload == [1, 2, 3] && descriptors == [3, 4])
    }

    @Test(
        "a wrong packet is refused",
        arguments: [
            "no header", "wrong magic", "wrong kind", "wrong flags", "length too small", "length too large",
            "wrong direction", "another message inside", "empty part",
        ])
    func refused(_ what: String) throws {
        var bytes = packet()
        var packets: [[UInt8]] = []
        switch what {
        case "no header": bytes = Array(bytes.prefix(31))
        case "wrong magic": bytes[0] = 0
        case "wrong kind": bytes[4] = 6
        case "wrong flags": bytes[5] = 2
        case "length too small": bytes[20] = 1
        case "length too large": bytes[20] = 3
        case "wrong direction": bytes[4] = 1
        case "another message inside": packets = [packet(more: true)]; bytes = packet(id: 8)
        case "empty part": bytes = packet(more: true, payload: [])
        default: Issue.record("unknown case")
        }
        #expect(throws: FrameError.self) { try assembled(packets + [bytes]) }
    }

    @Test("a message of more than 4 MiB is refused before it is kept")
    func tooLong() throws {
        let part = [UInt8](repeating: 0, count: Message.packetLimit)
        var assembler = MessageAssembler(accepting: [.reply])
        for _ in 0..<64 { #expect(try assembler.take(packet(more: true, payload: part), descriptors: []) == nil) }
        #expect(throws: FrameError.self) { try assembler.take(packet(payload: [1]), descriptors: []) }
    }

    @Test("random packets never crash the assembler")
    func fuzz() {
        let seed = UInt64.random(in: 0...(.max))
        var generator = SplitMix(state: seed)
        for _ in 0..<20000 {
            var assembler = MessageAssembler(accepting: [.reply, .call, .note])
            for _ in 0..<3 {
                var bytes = packet(more: Bool.random(using: &generator))
                for _ in 0..<Int.random(in: 0...3, using: &generator) {
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
                }
                bytes = Array(bytes.prefix(Int.random(in: 0...40, using: &generator)))
                do {
                    if let (message, _) = try assembler.take(bytes, descriptors: []) {
                        #expect(message.payload.count <= Message.limit, "seed \(seed)")
                    }
                } catch { break }
            }
        }
    }

    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }
}
