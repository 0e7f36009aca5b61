import Glibc
import JSON
import PluginSDK

/// A conversation with QEMU over its control socket (QMP). Every call blocks, at most until the deadline.
struct MachineControl: ~Copyable {
    private let socket: Descriptor
    private var received: [UInt8] = []
    private let deadline: ContinuousClock.Instant

    /// Longer lines than this are not QEMU's.
    private static let lineLimit = 1 << 20

    /// Greets QEMU. The whole conversation may take `limit`.
    init(_ socket: Descriptor, limit: Duration = .seconds(10)) throws {
        self.socket = socket
        deadline = .now + limit
        guard try line()?["QMP"] != nil else { throw PluginError.failed("the machine's control socket is not QEMU's") }
        try execute("qmp_capabilities")
    }

    /// Runs a command and returns its answer; events in between are of no interest.
    @discardableResult
    mutating func execute(_ command: String, _ arguments: JSONValue? = nil) throws -> JSONValue {
        var message: JSONObject = ["execute": .string(command)]
        message["arguments"] = arguments
        try send(Array(JSONValue.object(message).text.utf8) + [UInt8(ascii: "\n")])
        while let answer = try line() {
            if let error = answer["error"] {
                throw PluginError.failed("the machine refused \(command): \(error["desc"]?.stringValue ?? error.text)")
            }
            if let value = answer["return"] { return value }
        }
        throw PluginError.unavailable("the machine ended during \(command)")
    }

    /// Waits until QEMU closes the socket, which it does when it ends. False if the deadline came first.
    mutating func waitForEnd() -> Bool {
        do {
            while try line() != nil {}
            return true
        } catch {
            return false
        }
    }

    /// The next message; nil at the end.
    private mutating func line() throws -> JSONValue? {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let text = Array(received[..<end])
                received.removeSubrange(...end)
                return try JSONValue(parsing: text, mode: .lenient)
            }
            guard received.count < Self.lineLimit else { throw PluginError.failed("QEMU sends a line without end") }
            guard try fill() else { return nil }
        }
    }

    private mutating func fill() throws -> Bool {
        try wait(for: Int16(POLLIN))
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(socket.number, &buffer, buffer.count)
        guard count >= 0 || errno == ECONNRESET else {
            throw PluginError.failed("reading from QEMU failed: \(String(cString: strerror(errno)))")
        }
        received += buffer[..<max(0, count)]
        return count > 0
    }

    private func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            try wait(for: Int16(POLLOUT))
            // No signal when QEMU has ended: an error instead.
            let count = rest.withUnsafeBytes {
                Glibc.send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                throw PluginError.unavailable("the machine does not listen: \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(count)
        }
    }

    private func wait(for events: Int16) throws {
        while true {
            let left = ContinuousClock.now.duration(to: deadline).components
            let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
            guard milliseconds > 0 else {
                throw PluginError.unavailable("the machine does not answer on its control socket")
            }
            var entry = pollfd(fd: socket.number, events: events, revents: 0)
            let count = poll(&entry, 1, Int32(clamping: milliseconds))
            if count > 0 { return }
            guard count == 0 || errno == EINTR else {
                throw PluginError.failed("waiting for QEMU failed: \(String(cString: strerror(errno)))")
            }
        }
    }
}
