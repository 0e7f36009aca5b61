import Glibc

/// One start of the machine: the kernel's boot id and when it was.
public struct MachineStart: Sendable {
    let id: [UInt8]
    let time: UnixTime

    /// - Parameter id: 36 characters.
    init(id: [UInt8], time: UnixTime) {
        self.id = id
        self.time = time
    }

    /// This start. Where the kernel tells no id, every process start counts as one: that refuses more, never less.
    public static func current() -> MachineStart {
        MachineStart(id: bootID() ?? Array(UUIDText.random().utf8), time: UnixTime.boot())
    }

    private static func bootID() -> [UInt8]? {
        let file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 36)
        return read(file, &text, text.count) == text.count ? text : nil
    }
}
