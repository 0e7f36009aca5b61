import Glibc
import PluginSDK

/// Kernel and initramfs of the package, and the initramfs of one machine. Every call blocks.
struct GuestImage: Sendable {
    /// What QEMU reads, in the order of the manifest's slots `kernel` and `initrd`.
    let descriptors: [Descriptor]

    /// - Parameters:
    ///   - package: the plugin's verified package, with `files/guest/vmlinuz` and `files/guest/initramfs`.
    ///   - scratch: a folder of the plugin's own. The file there has no name any more when this returns: it holds the
    ///     machine's secrets.
    ///   - configuration: nil for a boot that only shows that it works.
    init(package: Folder, scratch: Folder, name: String, configuration: GuestConfiguration?) throws {
        let kernel = try Self.open(package.descriptor, "files/guest/vmlinuz", O_RDONLY)
        let base = try Self.open(package.descriptor, "files/guest/initramfs", O_RDONLY)
        guard let configuration else {
            descriptors = [kernel, base]
            return
        }
        var bytes = Archive.padded(try Self.read(base), to: 4)
        bytes += Archive.one(path: "zos/machine", content: Array(configuration.text.utf8))
        // A file of an earlier attempt that was cut short.
        unlinkat(scratch.descriptor, name, 0)
        let written = try Self.open(scratch.descriptor, name, O_RDWR | O_CREAT | O_EXCL)
        try Self.write(bytes, to: written)
        let initramfs = try Self.open(scratch.descriptor, name, O_RDONLY)
        // QEMU runs as a user of its own and opens the descriptor once more by its number, which asks for the mode.
        guard unlinkat(scratch.descriptor, name, 0) == 0, fchmod(initramfs.number, 0o444) == 0 else {
            throw Self.failure("hide \(name)")
        }
        descriptors = [kernel, initramfs]
    }

    private static func open(_ folder: Int32, _ path: String, _ flags: Int32) throws -> Descriptor {
        let descriptor = openat(folder, path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("open \(path)") }
        return Descriptor(taking: descriptor)
    }

    private static func read(_ file: Descriptor) throws -> [UInt8] {
        var status = stat()
        guard fstat(file.number, &status) == 0, let size = Int(exactly: status.st_size) else {
            throw failure("look at the initramfs")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while bytes.count < size {
            let count = pread(file.number, &buffer, buffer.count, off_t(bytes.count))
            guard count > 0 else { throw failure("read the initramfs") }
            bytes += buffer[..<count]
        }
        return bytes
    }

    private static func write(_ bytes: [UInt8], to file: Descriptor) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file.number, $0.baseAddress, $0.count) }
            guard count > 0 else { throw failure("write the machine's initramfs") }
            rest = rest.dropFirst(count)
        }
    }

    private static func failure(_ what: String) -> PluginError {
        .failed("cannot \(what): \(String(cString: strerror(errno)))")
    }
}
