import Glibc

/// What the machine under the node has, read from the kernel (proc(5), statvfs(3)).
public struct MachineFigures: Sendable {
    /// Cores, bytes of memory.
    public let cores: UInt64
    public let memory: UInt64

    public init() {
        cores = UInt64(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        memory = MachineFigures.memoryField("MemTotal:") ?? 0
    }

    /// Bytes of memory that cannot be had now.
    public static func memoryInUse() -> UInt64 {
        guard let total = memoryField("MemTotal:"), let available = memoryField("MemAvailable:") else { return 0 }
        return total > available ? total - available : 0
    }

    /// Bytes of a file system, all and taken.
    public static func storage(at path: String) -> (size: UInt64, used: UInt64) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return (0, 0) }
        let block = UInt64(status.f_frsize)
        let size = UInt64(status.f_blocks).multipliedReportingOverflow(by: block).partialValue
        let free = UInt64(status.f_bfree).multipliedReportingOverflow(by: block).partialValue
        return (size, size > free ? size - free : 0)
    }

    private static func memoryField(_ name: String) -> UInt64? {
        guard let text = ProcFile.read("/proc/meminfo") else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            return line.split(separator: " ").dropFirst().first.flatMap { UInt64($0) }.map { $0 << 10 }
        }
        return nil
    }
}

/// Small files that the kernel makes up.
enum ProcFile {
    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }
}
