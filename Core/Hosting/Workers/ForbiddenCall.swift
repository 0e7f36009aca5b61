import CHost
import WorkerSandbox

/// A system call that the filter did not decide: what a violation or a trace names.
struct ForbiddenCall: Sendable, Hashable, CustomStringConvertible {
    /// The kernel's name, `i386` or `x32` in front of it for numbers of these.
    let name: String
    /// Six of them.
    let arguments: [UInt64]

    init(name: String, arguments: [UInt64]) {
        self.name = name
        self.arguments = arguments
    }

    init(_ notification: zos_notification) {
        let arguments = notification.arguments
        name = SystemCall.name(of: notification.call, architecture: notification.architecture)
        self.arguments = [arguments.0, arguments.1, arguments.2, arguments.3, arguments.4, arguments.5]
    }

    var description: String {
        "\(name)(\(arguments.map { "0x" + String($0, radix: 16) }.joined(separator: ", ")))"
    }
}
