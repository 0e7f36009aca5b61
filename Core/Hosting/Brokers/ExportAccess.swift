import CHost
import Glibc
import JSON
import Synchronization

/// What a workload exports, for those that refer to it.
struct ExportAccess {
    /// Folders of the plugins, by plugin: exports lie below them.
    let room: BrokerRoom

    /// The export, and the plugin that serves it.
    /// - Throws: `denied` unless the calling workload has a validated reference to it that asks for this kind.
    func export(
        _ reference: String, kind: String, for call: BrokerCall
    ) throws(HostingError) -> (value: JSONValue, plugin: String) {
        guard let subject = call.subject else {
            throw HostingError(.invalid, "exports are handed to workloads: the call has to name one")
        }
        let found = subject.references.first { $0.workload.utf8.elementsEqual(reference.utf8) }
        guard let found, let export = found.exports.first(where: { $0.kind == kind }),
            let owner = room.registry.owner(of: reference)
        else {
            throw HostingError(.denied, "workload \(subject.id) has no reference to \(reference) that grants \(kind)")
        }
        return (export.value, owner.plugin)
    }

    /// The directory that an export names, if the plugin that serves the workload made it, for that workload or for none.
    func directory(_ export: (value: JSONValue, plugin: String), of workload: String) -> ObjectRecord? {
        guard let name = export.value["directory"]?.stringValue,
            let record = room.ledger.record(.directory, DirectoryBroker.key(name, export.plugin)),
            record.plugin == export.plugin, record.workload == nil || record.workload == workload
        else { return nil }
        return record
    }

    enum Access: Sendable { case read, readWrite }

    /// Opens an exported file or folder below the folder of the plugin that serves it. Follows no link, leaves no folder.
    static func open(
        _ value: JSONValue, kind: String, access: Access, below folder: OwnedDescriptor
    ) throws(HostingError) -> OwnedDescriptor {
        guard let path = value["path"]?.stringValue, !path.isEmpty, !path.utf8.contains(0) else {
            throw HostingError(.operationFailed, "the export has no path")
        }
        let flags: Int32
        switch kind {
        case "directory": flags = O_RDONLY | O_DIRECTORY
        case "block-device": flags = access == .read ? O_RDONLY : O_RDWR
        default: throw HostingError(.invalid, "an export of kind \(kind) cannot be opened")
        }
        let beneathWithoutLinks: UInt64 = 0x08 | 0x04  // RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS
        // Without blocking: a FIFO in place of the file must not stop the core.
        let opened = OwnedDescriptor(
            taking: try checked(
                zos_openat2(
                    folder.number, path, UInt64(flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), 0, beneathWithoutLinks),
                "open the export \(path)"))
        var facts = stat()
        try checkedErrno(fstat(opened.number, &facts), "look at the export \(path)")
        let type = facts.st_mode & S_IFMT
        let isRight = kind == "directory" ? type == S_IFDIR : type == S_IFREG
        guard isRight else { throw HostingError(.denied, "the export \(path) is no \(kind)") }
        return opened
    }
}
