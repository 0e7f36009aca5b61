import Glibc
import JSON
import PluginSDK
import PluginTesting
import Synchronization

/// The other end of control sockets: answers like QEMU and writes down what it was told.
final class FakeQEMU: Sendable {
    private let heard = Mutex<[String]>([])
    var commands: [String] { heard.withLock { $0 } }

    /// Serves `companion.connect` of the host from now on.
    func attach(to host: FakeHost) {
        host.answer("companion.connect") { [self] _ in
            var ends: [Int32] = [0, 0]
            guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
                throw PluginError.failed("no socket pair")
            }
            let own = Descriptor(taking: ends[1])
            // Ends with the conversation: the other side closes its end.
            Task { try await offThread { self.serve(own) } }
            return HostReply(descriptors: [Descriptor(taking: ends[0])])
        }
    }

    private func serve(_ socket: Descriptor) {
        say(["QMP": ["version": [:]]], socket)
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(socket.number, &buffer, buffer.count)
            guard count > 0 else { return }
            text += buffer[..<count]
            while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
                let message = (try? JSONValue(parsing: Array(text[..<end]))) ?? .null
                text.removeSubrange(...end)
                let command = message["execute"]?.stringValue ?? ""
                heard.withLock { $0.append(command) }
                // An event in between is not the answer.
                say(["event": "RESUME"], socket)
                say(["return": command == "query-status" ? ["running": true] : [:]], socket)
                // The guest goes down at ctrl-alt-delete, and QEMU with it.
                if command == "send-key" { return }
            }
        }
    }

    private func say(_ message: JSONValue, _ socket: Descriptor) {
        let bytes = Array(message.text.utf8) + [UInt8(ascii: "\n")]
        _ = bytes.withUnsafeBytes { send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }
}
