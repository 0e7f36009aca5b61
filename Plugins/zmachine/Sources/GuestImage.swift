import Glibc
import PluginSDK

/// What a machine is booted with: the package's kernel and initramfs, or those of its root. Every call blocks.
struct GuestImage: Sendable {
    /// What QEMU reads, in the order of the manifest's slots `kernel`, `initrd` and `seed`, as far as there are.
    let descriptors: [Descriptor]
    let boot: Boot

    enum Boot: Sendable, Hashable {
        /// The package's kernel; its initramfs knows the machine.
        case node
        /// The root's kernel; a disk tells about the machine. `start` is the program that the kernel runs.
        case own(hasInitramfs: Bool, start: String?)
    }

    private static let kernelLimit = 128 << 20
    private static let initramfsLimit = 512 << 20

    /// - Parameters:
    ///   - package: the plugin's verified package, with `files/guest/vmlinuz` and `files/guest/initramfs`.
    ///   - scratch: a folder of the plugin's own. The file there has no name any more when this returns: it holds the
    ///     machine's secrets.
    ///   - configuration: nil for a boot that only shows that it works.
    init(package: Folder, scratch: Folder, name: String, configuration: GuestConfiguration?) throws {
        boot = .node
        let kernel = try Self.open(package.descriptor, "files/guest/vmlinuz", O_RDONLY)
        let base = try Self.open(package.descriptor, "files/guest/initramfs", O_RDONLY)
        guard let configuration else {
            descriptors = [kernel, base]
            return
        }
        var bytes = Archive.padded(try Self.read(base), to: 4)
        bytes += Archive.one(path: "zos/machine", content: Array(configuration.text.utf8))
        descriptors = [kernel, try Self.hidden(name, in: scratch) { file in try Self.write(bytes, to: file) }]
    }

    /// A machine with the kernel of its root.
    /// - Parameters:
    ///   - start: what the kernel runs; nil for its own choice.
    ///   - seed: the disk that tells about the machine.
    init(kernel: Descriptor, initramfs: Descriptor?, start: String?, seed: [UInt8], scratch: Folder, name: String)
        throws
    {
        boot = .own(hasInitramfs: initramfs != nil, start: start)
        // Copies: the root's files are read by the rights of the root, and QEMU is nobody there.
        var descriptors = [
            try Self.hidden(name, in: scratch) { try Self.copy(kernel, to: $0, atMost: Self.kernelLimit) }
        ]
        if let initramfs {
            descriptors.append(
                try Self.hidden(name, in: scratch) { try Self.copy(initramfs, to: $0, atMost: Self.initramfsLimit) })
        }
        descriptors.append(try Self.hidden(name, in: scratch) { file in try Self.write(seed, to: file) })
        self.descriptors = descriptors
    }

    /// A file without a name that QEMU may read.
    private static func hidden(
        _ name: String, in scratch: Folder, fill: (Descriptor) throws -> Void
    ) throws -> Descriptor {
        // A file of an earlier attempt that was cut short.
        unlinkat(scratch.descriptor, name, 0)
        let written = try open(scratch.descriptor, name, O_RDWR | O_CREAT | O_EXCL)
        do { try fill(written) } catch {
            unlinkat(scratch.descriptor, name, 0)
            throw error
        }
        let file = try open(scratch.descriptor, name, O_RDONLY)
        // QEMU runs as a user of its own and opens the descriptor once more by its number, which asks for the mode.
        guard unlinkat(scratch.descriptor, name, 0) == 0, fchmod(file.number, 0o444) == 0 else {
            throw failure("hide \(name)")
        }
        return file
    }

    private static func copy(_ from: Descriptor, to file: Descriptor, atMost limit: Int) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var offset = 0
        while true {
            let count = pread(from.number, &buffer, buffer.count, off_t(offset))
            guard count >= 0 else { throw failure("read what the root boots") }
            if count == 0 { return }
            offset += count
            guard offset <= limit else {
                throw PluginError.invalid("what the root boots has more than \(limit >> 20) MiB")
            }
            try write(Array(buffer[..<count]), to: file)
        }
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
