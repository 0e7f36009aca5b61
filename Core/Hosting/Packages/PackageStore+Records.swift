import Glibc
import JSON
import Signatures

/// What the store remembers of a plugin, in `plugins/<id>/record.json`.
struct PackageRecord: Codable, Sendable {
    static let form = 1
    var record = PackageRecord.form
    /// The folder of the copy that is loaded; nil after removal.
    var current: String?
    var version: String?
    /// The highest version ever accepted, also of removed plugins.
    var highest: String
}

extension PackageStore {
    /// Copy first, then the record that makes it the current one, then the old copies: after a power cut either
    /// the old package is complete or the new one.
    func accept(_ package: PluginPackage, _ downgrade: Downgrade) throws(HostingError) {
        let id = package.manifest.id
        let version = package.manifest.version
        let highest = try highest(of: package, downgrade)
        try SmallFile.makeFolder("\(root)/\(id)", mode: 0o700)
        try PackageFolder.syncFolder(root)
        try copy(package)
        let record = PackageRecord(current: package.digestText, version: version.text, highest: highest.text)
        try write(record, of: id)
        try removeCopies(of: id, except: package.digestText)
    }

    /// The highest version that will have been accepted with this one. Throws `downgrade`.
    func highest(of package: PluginPackage, _ downgrade: Downgrade) throws(HostingError) -> SemanticVersion {
        let (id, version) = (package.manifest.id, package.manifest.version)
        guard let known = try record(of: id) else { return version }
        let accepted = try SemanticVersion(parsing: known.highest)
        guard version < accepted else { return version }
        guard case .allow = downgrade else {
            throw HostingError(
                .downgrade, "\(id) \(version) is older than \(accepted), which this node has accepted before",
                hint: "if you mean it, install with --downgrade")
        }
        return accepted
    }

    func copy(_ package: PluginPackage) throws(HostingError) {
        let folder = "\(root)/\(package.manifest.id)"
        let temporary = "\(folder)/incoming"
        try SmallFile.removeTree(temporary)
        try checkedErrno(mkdir(temporary, 0o755), "make \(temporary)")
        try PackageFolder.write(package.files, below: temporary)
        // A copy of the same digest may be damaged, or be the one that this call repairs: it goes.
        let target = "\(folder)/\(package.digestText)"
        try SmallFile.removeTree(target)
        try checkedErrno(rename(temporary, target), "make \(target)")
        try PackageFolder.syncFolder(folder)
    }

    func record(of id: String) throws(HostingError) -> PackageRecord? {
        guard Manifest.isIdentifier(id) else { return nil }
        guard let bytes = try SmallFile.read("\(root)/\(id)/record.json") else { return nil }
        let record: PackageRecord
        do {
            record = try JSONValue(parsing: bytes).decode(PackageRecord.self)
        } catch {
            throw HostingError(.badPackage, "the store's record of \(id) is damaged: \(error)")
        }
        guard record.record == PackageRecord.form, record.current.map(Self.isDigest) ?? true else {
            throw HostingError(.badPackage, "the store's record of \(id) is of a form that this node does not read")
        }
        return record
    }

    func write(_ record: PackageRecord, of id: String) throws(HostingError) {
        let text: String
        do {
            text = try JSONValue(encoding: record).text
        } catch {
            throw HostingError(.operationFailed, "the record of \(id) cannot be written: \(error)")
        }
        try SmallFile.replace("\(root)/\(id)/record.json", with: Array(text.utf8), .disk)
    }

    func removeCopies(of id: String, except digest: String?) throws(HostingError) {
        for name in SmallFile.names("\(root)/\(id)") where Self.isDigest(name) && name != digest {
            try SmallFile.removeTree("\(root)/\(id)/\(name)")
        }
    }

    static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }
}
