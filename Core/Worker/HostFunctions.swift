import PluginABI
import WorkerSandbox

/// The functions that a plugin is given. They may be called from any thread.
func makeHost(abi: UInt32) -> UnsafePointer<zos_host> {
    // SAFETY: never freed: the plugin may keep the pointer for the life of the process.
    let host = UnsafeMutablePointer<zos_host>.allocate(capacity: 1)
    host.initialize(
        to: zos_host(
            size: UInt32(MemoryLayout<zos_host>.size), abi: abi, context: nil, log: writeLog, call: startCall))
    return UnsafePointer(host)
}

private func writeLog(_ context: UnsafeMutableRawPointer?, _ level: UInt32, _ message: zos_bytes) {
    let text = String(decoding: message.copied().prefix(Session.logLimit), as: UTF8.self)
    session.note(.log, ["message": .string(text)], status: Int32(min(level, 4)))
}

private func startCall(
    _ context: UnsafeMutableRawPointer?, _ service: zos_bytes, _ request: zos_bytes, _ descriptors: zos_descriptors,
    _ done: @escaping zos_done, _ token: UnsafeMutableRawPointer?
) {
    session.call(
        service: service.copied(), request: request.copied(), descriptors: descriptors.copied(),
        then: Session.Caller(done: done, token: token))
}

/// The `done` of every request. The token is the request's id, never a pointer: a plugin that answers twice must be
/// caught, not make this process use freed memory.
func finishRequest(
    _ token: UnsafeMutableRawPointer?, _ status: Int32, _ reply: zos_bytes, _ descriptors: zos_descriptors
) {
    session.reply(
        id: UInt64(UInt(bitPattern: token)), status: status, payload: reply.copied(),
        descriptors: descriptors.copied())
}

extension zos_bytes {
    fileprivate func copied() -> [UInt8] {
        guard let pointer, let count = Int(exactly: length) else { return [] }
        // SAFETY: zos_plugin.h promises `length` readable bytes for the duration of the call.
        return Array(UnsafeBufferPointer(start: pointer, count: count))
    }
}

extension zos_descriptors {
    fileprivate func copied() -> [Int32] {
        guard let pointer else { return [] }
        // SAFETY: zos_plugin.h promises `count` readable numbers for the duration of the call.
        return Array(UnsafeBufferPointer(start: pointer, count: Int(count)))
    }
}
