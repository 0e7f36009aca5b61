import Foundation
import JSON
import RMB
import Signatures

/// An answer of the message bus over HTTP.
public struct HTTPAnswer: Sendable {
    public let status: Int
    public let body: String

    /// `Message` of a refusal.
    public var refusal: String { (try? JSONValue(parsing: body, mode: .lenient))?["Message"]?.stringValue ?? body }
}

/// What the node answered to a request that came through the door.
public struct NodeAnswer: Sendable {
    public let error: String
    public let data: String
}

extension NodeUser {
    /// A request as a correct client would send it, for tests to spoil. Signed last, with `signed`.
    public func message(_ command: String, _ payload: [UInt8]) -> RMBMessage {
        var message = RMBMessage()
        message.uid = "\(UInt64.random(in: 0...UInt64.max)).\(UInt64.random(in: 0...UInt64.max))"
        message.command = command
        message.expiration = 60
        message.data = Base64.encode(payload)
        message.source = Int64(twin)
        message.destinations = [Int64(node.node)]
        return message
    }

    /// - Parameter offset: seconds from now.
    public func signed(_ message: RMBMessage, offset: Int64 = 0) -> RMBMessage {
        var message = message
        message.sign(with: key, at: UnixTime(seconds: UnixTime.now().seconds + offset))
        return message
    }

    /// Posts to the door for callers that do not listen.
    public func post(_ message: RMBMessage) async throws -> HTTPAnswer { try await post(message.encoded) }

    public func post(_ body: [UInt8], path: String = "/zbus-cmd") async throws -> HTTPAnswer {
        let address = address
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try RawHTTP.post(body, path: path, port: address.port) })
            }
        }
    }

    /// Sends a payload as it is, and waits for what the node makes of it.
    public func ask(_ command: String, _ payload: [UInt8]) async throws -> NodeAnswer {
        let sent = try await post(signed(message(command, payload)))
        guard sent.status == 200, let queue = try JSONValue(parsing: sent.body)["retqueue"]?.stringValue else {
            throw Programs.Failure("not accepted: \(sent.status) \(sent.body)")
        }
        let request = Array(#"{"retqueue":"\#(queue)"}"#.utf8)
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            let answer = try await post(request, path: "/zbus-result")
            if answer.status == 200, let first = try JSONValue(parsing: answer.body, mode: .lenient)[0] {
                return NodeAnswer(error: first["err"]?.stringValue ?? "", data: first["dat"]?.stringValue ?? "")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Programs.Failure("no answer to \(command)")
    }

    /// The refusal of a deployment; empty if the node took it.
    public func refusal(_ text: String, command: String = "zos.deployment.deploy") async throws -> String {
        try await ask(command, Array(text.utf8)).error
    }
}

/// HTTP without any help, so that it can be wrong.
enum RawHTTP {
    static func post(_ body: [UInt8], path: String, port: Int) throws -> HTTPAnswer {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Programs.Failure("no socket") }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        // SAFETY: sockaddr_in is what the system expects behind a sockaddr pointer of this family.
        let connected = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Programs.Failure("the node does not listen at \(port)") }
        let head = "POST \(path) HTTP/1.1\r\nHost: node\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\r\n"
        var rest = (Array(head.utf8) + body)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // A server may answer and close before it has read everything.
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &part, part.count, 0)
            guard count > 0 else { break }
            bytes += part[..<count]
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n"), let status = text.split(separator: " ").dropFirst().first,
            let code = Int(status)
        else { throw Programs.Failure("no answer over HTTP: \(text.prefix(80))") }
        return HTTPAnswer(status: code, body: String(text[end.upperBound...]))
    }
}
