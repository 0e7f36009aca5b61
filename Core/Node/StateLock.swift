import Glibc

/// Keeps a second node off a state folder for as long as it lives; the kernel releases it with the process.
public final class StateLock: Sendable {
    private let descriptor: Int32

    init(path: String) throws(NodeError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw NodeError(.unusable, "\(path) cannot be opened: \(String(cString: strerror(errno)))", hint: nil)
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw NodeError(
                .locked, "another node holds \(path)",
                hint: "stop that node, or give this one a folder of its own with --state")
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
