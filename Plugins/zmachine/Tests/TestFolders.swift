import Glibc
import JSON
import Testing

/// A package with a guest in it and a scratch folder, gone with the object.
final class TestFolders: Sendable {
    let path: String
    private let package: Int32
    private let scratch: Int32

    init() throws {
        var template = Array("/tmp/zos-zmachine-XXXXXX".utf8CString)
        path = String(cString: try #require(mkdtemp(&template)))
        for folder in ["package", "package/files", "package/files/guest", "scratch"] {
            try #require(mkdir("\(path)/\(folder)", 0o700) == 0)
        }
        for (name, text) in [("vmlinuz", "kernel"), ("initramfs", "base")] {
            let file = open("\(path)/package/files/guest/\(name)", O_WRONLY | O_CREAT | O_CLOEXEC, 0o444)
            try #require(file >= 0)
            try #require(write(file, text, text.utf8.count) == text.utf8.count)
            close(file)
        }
        package = open("\(path)/package", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        scratch = open("\(path)/scratch", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }

    deinit {
        close(package)
        close(scratch)
        for file in ["package/files/guest/vmlinuz", "package/files/guest/initramfs"] { unlink("\(path)/\(file)") }
        for folder in ["package/files/guest", "package/files", "package", "scratch", ""] { rmdir("\(path)/\(folder)") }
    }

    var configuration: JSONValue {
        ["folders": ["package": folder(package, "package"), "scratch": folder(scratch, "scratch")]]
    }

    /// Names in the scratch folder.
    var scratchFiles: [String] {
        guard let folder = opendir("\(path)/scratch") else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private func folder(_ descriptor: Int32, _ name: String) -> JSONValue {
        ["path": .string("\(path)/\(name)"), "descriptor": .number(JSONNumber(descriptor))]
    }
}
