import JSON
import RMB
import Signatures
import TestVectors
import WorkerSandbox

extension FuzzTarget {
    /// The body of a direct message.
    static let rmbMessage = FuzzTarget("rmb-message") {
        try FuzzSeeds.texts("rmb-direct.json", ["request_body", "body"])
            + FuzzSeeds.accepted("rmb-direct.json") { (try? RMBMessage(parsing: $0)) != nil }
    } run: { bytes in
        guard let message = try? RMBMessage(parsing: bytes) else { return nil }
        guard let again = try? RMBMessage(parsing: message.encoded) else {
            return "a message that was written cannot be read"
        }
        return again.encoded == message.encoded ? nil : "a message that was written reads as another"
    }

    /// Bodies of the other requests that the node's door takes.
    static let httpBody = FuzzTarget("http-body") {
        [
            Array(#"{"retqueue":"8f5d5e3c-6c8e-4d0c-9b61-0e7e1e6d9d10"}"#.utf8),
            Array(#"{"RetQueue":"8f5d5e3c-6c8e-4d0c-9b61-0e7e1e6d9d10"} {}"#.utf8),
        ] + (try FuzzSeeds.texts("rmb-direct.json", ["request_body"]))
    } run: { bytes in
        _ = try? ResultRequest(parsing: bytes)
        return nil
    }

    /// A protobuf envelope as a relay passes it on.
    static let envelope = FuzzTarget("relay-envelope") {
        try FuzzSeeds.accepted("rmb-relay.json") { (try? RelayEnvelope(parsing: $0)) != nil }
    } run: { bytes in
        guard let envelope = try? RelayEnvelope(parsing: bytes) else { return nil }
        _ = envelope.challenge
        return (try? RelayEnvelope(parsing: envelope.encoded)) == nil
            ? "an envelope that was written cannot be read" : nil
    }

    /// What a peer shows a relay.
    static let token = FuzzTarget("relay-token", maxBytes: 4096) {
        try FuzzSeeds.accepted("rmb-relay.json") {
            (try? RelayToken(parsing: String(decoding: $0, as: UTF8.self))) != nil
        }
    } run: { bytes in
        guard let token = try? RelayToken(parsing: String(decoding: bytes, as: UTF8.self)),
            let key = try? PublicKey(bytes: [UInt8](repeating: 1, count: 32))
        else { return nil }
        return (try? token.verify(by: key, at: UnixTime(seconds: token.issued))) == nil
            ? nil : "a token of nobody was believed"
    }

    /// Packets between core and worker: each begins with two bytes of its length.
    static let frames = FuzzTarget("worker-frames") {
        let header = FrameHeader(
            kind: .request, hasMore: false, operation: 1, id: 7, status: 0, length: 4, deadline: 1000)
        var first = header
        first.hasMore = true
        let packet = header.bytes + Array("null".utf8)
        let more = first.bytes + Array("null".utf8)
        func framed(_ packet: [UInt8]) -> [UInt8] { [UInt8(packet.count & 255), UInt8(packet.count >> 8)] + packet }
        return [framed(packet), framed(more) + framed(more) + framed(packet), framed(packet) + framed(packet)]
    } run: { bytes in
        var assembler = MessageAssembler(accepting: [.request, .reply, .call, .answer, .note])
        var rest = bytes[...]
        while rest.count >= 2 {
            let length = Int(rest[rest.startIndex]) | Int(rest[rest.startIndex + 1]) << 8
            let packet = rest.dropFirst(2).prefix(length)
            rest = rest.dropFirst(2 + packet.count)
            do {
                guard let (message, _) = try assembler.take(Array(packet), descriptors: []) else { continue }
                if message.payload.count > Message.limit { return "a message beyond the limit" }
            } catch { return nil }
        }
        return nil
    }
}
