import Glibc
import JSON
import PluginABI

/// The node behind the C boundary.
struct HostConnection: Host, @unchecked Sendable {
    // SAFETY: @unchecked for the context pointer: any function of zos_host may be called from any thread, and it is
    // valid from start until after stop, when no request that could use it is open.
    private let host: zos_host

    init(_ host: zos_host) { self.host = host }

    func log(_ level: LogLevel, _ message: String) {
        var message = message
        message.withUTF8 { bytes in
            host.log(host.context, level.rawValue, zos_bytes(pointer: bytes.baseAddress, length: UInt64(bytes.count)))
        }
    }

    func call(_ service: String, workload: String?, request: JSONValue, descriptors: [Descriptor]) async throws
        -> HostReply
    {
        var envelope: JSONObject = ["request": request]
        envelope["workload"] = workload.map(JSONValue.string)
        var service = service
        var text = JSONValue.object(envelope).text
        return try await withCheckedThrowingContinuation { continuation in
            let token = Unmanaged.passRetained(Waiter(continuation)).toOpaque()
            let numbers = descriptors.map(\.number)
            service.withUTF8 { service in
                text.withUTF8 { text in
                    numbers.withUnsafeBufferPointer { numbers in
                        host.call(
                            host.context, zos_bytes(pointer: service.baseAddress, length: UInt64(service.count)),
                            zos_bytes(pointer: text.baseAddress, length: UInt64(text.count)),
                            zos_descriptors(pointer: numbers.baseAddress, count: UInt32(numbers.count)),
                            receiveAnswer, token)
                    }
                }
            }
        }
    }
}

/// Who waits for the answer to a call.
private final class Waiter: Sendable {
    let continuation: CheckedContinuation<HostReply, any Error>
    init(_ continuation: CheckedContinuation<HostReply, any Error>) { self.continuation = continuation }
}

private func receiveAnswer(
    _ token: UnsafeMutableRawPointer?, _ status: Int32, _ reply: zos_bytes, _ descriptors: zos_descriptors
) {
    guard let token else { return }
    // SAFETY: the token is the one that call retained; the node calls done exactly once.
    let waiter = Unmanaged<Waiter>.fromOpaque(token).takeRetainedValue()
    let received = descriptors.duplicated()
    do {
        let bytes = reply.copied()
        let payload: JSONValue = bytes.isEmpty ? [:] : try JSONValue(parsing: bytes)
        guard status != 0 else {
            return waiter.continuation.resume(returning: HostReply(payload, descriptors: received))
        }
        throw PluginError(
            PluginError.Status(rawValue: status) ?? .failed, code: payload["code"]?.stringValue ?? "failed",
            message: payload["message"]?.stringValue ?? "the node refused without saying why")
    } catch {
        waiter.continuation.resume(throwing: error)
    }
}

extension zos_bytes {
    /// Borrowed bytes as bytes of our own.
    func copied() -> [UInt8] {
        guard let pointer, length > 0, let count = Int(exactly: length) else { return [] }
        // SAFETY: the C boundary promises `length` readable bytes for the duration of the call.
        return Array(UnsafeBufferPointer(start: pointer, count: count))
    }
}

extension zos_descriptors {
    private var numbers: [Int32] {
        guard let pointer, count > 0 else { return [] }
        // SAFETY: the C boundary promises `count` readable numbers for the duration of the call.
        return Array(UnsafeBufferPointer(start: pointer, count: Int(count)))
    }

    /// The descriptors of a request: they belong to the plugin.
    func taken() -> [Descriptor] { numbers.map(Descriptor.init(taking:)) }

    /// The descriptors of an answer: the node closes its own.
    func duplicated() -> [Descriptor] {
        numbers.compactMap { number in
            let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
            return copy >= 0 ? Descriptor(taking: copy) : nil
        }
    }
}
