import CHost
import Glibc
import JSON
import Unpacking

/// Read-only contents of root file systems: folders of the node, and what clients name by URL.
struct RootBroker {
    let room: BrokerRoom
    private static let entitlement = "roots"
    private static let textLimit = 64 << 10

    func open(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let url = try call.text("url")
        func paths(_ member: String) -> [String] { (call.request[member]?.arrayValue ?? []).compactMap(\.stringValue) }
        let (probe, read, hand) = (paths("probe"), paths("read"), paths("open"))
        guard probe.count + read.count <= 64, hand.count <= 8 else {
            throw HostingError(.invalid, "at most 64 paths at a time, 8 of them to be opened")
        }
        let (root, exact) = try await content(url, for: call)
        return try await OwnThread.run {
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
            let opened = hand.compactMap { path in Self.file(path, in: root).map { (path, $0) } }
            return HostAnswer(
                [
                    "root": .string(exact), "files": .array(files.map(JSONValue.string)), "texts": .object(texts),
                    "opened": .array(opened.map { .string($0.0) }),
                ], descriptors: opened.map(\.1))
        }
    }

    /// The content behind a URL, got if it has to be, and the URL that names exactly it.
    func content(_ url: String, for call: BrokerCall) async throws -> (OwnedDescriptor, String) {
        let reference: ImageReference
        do throws(ImageError) { reference = try ImageReference(url) } catch { throw HostingError(error) }
        let configuration = room.configuration
        var form = reference.form
        if case .node = reference.place, form == nil {
            let folder = try await OwnThread.run { try Self.source(reference.url, configuration.roots) }
            guard faccessat(folder.number, "oci-layout", F_OK, 0) == 0 else {
                guard reference.digest == nil else {
                    throw HostingError(.invalid, "\(reference.url) is a folder, which has no SHA-256")
                }
                return (folder, url)
            }
            form = .ociLayout
        }
        guard let library = room.library else {
            throw HostingError(
                .unsupported, "this node cannot get \(url)",
                hint: "it knows dir:// folders below \(configuration.roots.joined(separator: ", "))")
        }
        let found = try await library.root(Self.pinned(reference, for: call, in: room), form: form) { [room] text in
            if let workload = call.workload { await room.events?.progress(workload, message: text) }
        }
        return (found.content, found.url)
    }

    /// A machine keeps the root that it was made with, whatever the URL leads to today: its own layer lies over it.
    private static func pinned(_ reference: ImageReference, for call: BrokerCall, in room: BrokerRoom) -> ImageReference
    {
        guard reference.digest == nil, let workload = call.workload else { return reference }
        for record in room.ledger.all() where record.kind == .overlay && record.workload == workload {
            guard record.plugin == call.plugin, let text = record.parameters["root"]?.stringValue,
                let made = try? ImageReference(text), made.url == reference.url
            else { continue }
            return made
        }
        return reference
    }

    /// Names of the roots that overlays lie over.
    static func inUse(_ ledger: ObjectLedger) -> Set<String> {
        var names: Set<String> = []
        for record in ledger.all() where record.kind == .overlay {
            guard let text = record.parameters["root"]?.stringValue, let reference = try? ImageReference(text),
                let key = RootKey.key(of: reference, form: .ociLayout)
            else { continue }
            names.insert(key.name)
        }
        return names
    }

    /// The file or folder that a `dir://` URL names, below a folder that the operator listed.
    static func source(_ url: String, _ roots: [String]) throws(HostingError) -> OwnedDescriptor {
        let path = String(url.dropFirst("dir://".count))
        guard CompanionText.isAbsolutePath(path) else {
            throw HostingError(.invalid, "\(url) has to name an absolute path of A-Z a-z 0-9 _ . - without . and ..")
        }
        for root in roots where path == root || path.hasPrefix(root + "/") {
            let base = OwnedDescriptor(
                taking: try checkedErrno(Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open \(root)"))
            let rest = path.dropFirst(root.count + 1)
            let beneathWithoutLinks: UInt64 = 0x08 | 0x04
            let flags = UInt64(O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
            let result = zos_openat2(base.number, rest.isEmpty ? "." : String(rest), flags, 0, beneathWithoutLinks)
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
