import JSON
import PluginABI

/// The right to answer one request, used exactly once.
struct PendingReply: @unchecked Sendable {
    // SAFETY: @unchecked for the token, which is opaque here and may be handed back from any thread (zos_plugin.h).
    let done: zos_done
    let token: UnsafeMutableRawPointer?

    func succeed(_ payload: JSONValue) { send(0, payload) }

    func fail(_ error: PluginError) {
        send(error.status.rawValue, ["code": .string(error.code), "message": .string(error.message)])
    }

    private func send(_ status: Int32, _ payload: JSONValue) {
        var text = payload.text
        text.withUTF8 { bytes in
            done(
                token, status, zos_bytes(pointer: bytes.baseAddress, length: UInt64(bytes.count)),
                zos_descriptors(pointer: nil, count: 0))
        }
    }
}
