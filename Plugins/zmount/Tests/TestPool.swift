import Glibc
import JSON
import PluginSDK
import Testing

/// A pool of limited size for one test: a tmpfs of its own, gone with the object. Needs root.
final class TestPool: Sendable {
    let path: String
    let descriptor: Int32

    init(bytes: Int = 16 << 20) throws {
        var template = Array("/tmp/zos-zmount-XXXXXX".utf8CString)
        path = String(cString: try #require(mkdtemp(&template)))
        try #require(mount("none", path, "tmpfs", 0, "size=\(bytes)") == 0)
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        try #require(descriptor >= 0)
    }

    deinit {
        close(descriptor)
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }

    var configuration: JSONValue {
        ["folders": ["pool": ["path": .string(path), "descriptor": .number(JSONNumber(descriptor))]]]
    }

    /// Size, mode and allocated bytes of a disk; nil if it is not there.
    func disk(_ name: String) -> (size: Int, mode: UInt32, allocated: Int)? {
        var status = stat()
        guard lstat("\(path)/vdisks/\(name)", &status) == 0 else { return nil }
        return (status.st_size, status.st_mode & 0o7777, status.st_blocks * 512)
    }
}
