import CHost
import Glibc
import JSON

/// Read-only contents of root file systems. Only folders of the node for now.
struct RootBroker {
    let room: BrokerRoom
    private static let entitlement = "roots"
    private static let textLimit = 64 << 10

    func open(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let url = try call.text("url")
        let probe = (call.request["probe"]?.arrayValue ?? []).compactMap(\.stringValue)
        let read = (call.request["read"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard probe.count + read.count <= 64 else { throw HostingError(.invalid, "at most 64 paths at a time") }
        let room = room
        return try await OwnThread.run {
            let root = try Self.folder(url, room.configuration)
            let files = probe.filter { Self.file($0, in: root) != nil }
            var texts = JSONObject()
            for path in read {
                guard let file = Self.file(path, in: root) else { continue }
                var bytes = [UInt8](repeating: 0, count: Self.textLimit + 1)
                let got = pread(file.number, &bytes, bytes.count, 0)
                guard got >= 0, got <= Self.textLimit else {
                    throw HostingError(.invalid, "\(path) in \(url) is larger than 64 KiB")
                }
                texts[path] = .string(String(decoding: bytes[..<got], as: UTF8.self))
            }
            return HostAnswer([
                "root": .string(url), "files": .array(files.map(JSONValue.string)), "texts": .object(texts),
            ])
        }
    }

    /// The folder that a `dir://` URL names, below one that the operator listed.
    static func folder(_ url: String, _ configuration: BrokerConfiguration) throws(HostingError) -> OwnedDescriptor {
        let scheme = "dir://"
        guard url.hasPrefix(scheme) else {
            throw HostingError(
                .invalid, "this node cannot get \(url)",
                hint: "it knows dir:// folders below \(configuration.roots.joined(separator: ", "))")
        }
        let path = String(url.dropFirst(scheme.count))
        guard CompanionText.isAbsolutePath(path) else {
            throw HostingError(.invalid, "\(url) has to name an absolute path of A-Z a-z 0-9 _ . - without . and ..")
        }
        for root in configuration.roots where path == root || path.hasPrefix(root + "/") {
            let base = OwnedDescriptor(
                taking: try checkedErrno(Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open \(root)"))
            let rest = path.dropFirst(root.count + 1)
            let beneathWithoutLinks: UInt64 = 0x08 | 0x04
            let result = zos_openat2(
                base.number, rest.isEmpty ? "." : String(rest), UInt64(O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0,
                beneathWithoutLinks)
            if result == -ENOENT || result == -ENOTDIR {
                throw HostingError(.invalid, "the root \(url) does not exist on this node")
            }
            return OwnedDescriptor(taking: try checked(result, "open \(path)"))
        }
        throw HostingError(
            .denied, "\(path) is not below a folder that the operator gives to machines",
            hint: "the operator lists such folders in the node's configuration")
    }

    /// A regular file, links resolved as if the root were `/`.
    private static func file(_ path: String, in root: OwnedDescriptor) -> OwnedDescriptor? {
        guard !path.utf8.contains(0) else { return nil }
        let inRoot: UInt64 = 0x10  // RESOLVE_IN_ROOT
        let result = zos_openat2(root.number, path, UInt64(O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), 0, inRoot)
        guard result >= 0 else { return nil }
        let file = OwnedDescriptor(taking: result)
        var facts = stat()
        guard fstat(file.number, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
        return file
    }
}
