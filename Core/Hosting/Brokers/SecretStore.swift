import Glibc
import Synchronization

/// Secrets of plugins and their workloads, each a sealed file: what is in it shows neither on disk nor in a message.
final class SecretStore: Sendable {
    /// Bytes of one secret; keys, passwords and certificates are smaller.
    static let sizeLimit = 16 << 10
    /// Of one owner.
    static let ownerLimit = 64
    /// Of one plugin with all its workloads.
    static let pluginLimit = 4096

    /// Whose it is: a workload's, or with nil the plugin's own.
    struct Owner: Sendable, Hashable {
        let plugin: String
        let workload: String?
        /// Workload ids begin with a digit.
        var folder: String { "\(plugin)/\(workload.map { "w-\($0)" } ?? "own")" }
    }

    private let folder: String
    private let key: SecretKey
    /// Who owns which names: what is on disk.
    private let names: Mutex<[Owner: Set<String>]>

    /// - Throws: `operationFailed` if the key is damaged or missing.
    init(folder: String, key path: String) throws(HostingError) {
        self.folder = folder
        try SmallFile.makeFolder(folder, mode: 0o700)
        var found: [Owner: Set<String>] = [:]
        for plugin in SmallFile.names(folder) {
            for owner in SmallFile.names("\(folder)/\(plugin)") {
                let names = SmallFile.names("\(folder)/\(plugin)/\(owner)").filter { !$0.hasSuffix(".new") }
                guard !names.isEmpty else { continue }
                found[Owner(plugin: plugin, workload: owner == "own" ? nil : String(owner.dropFirst(2)))] = Set(names)
            }
        }
        key = try SecretKey.load(path, isNew: found.isEmpty)
        names = Mutex(found)
    }

    /// What a sealed file is bound to: moved to another owner or name it cannot be opened.
    private static func context(_ owner: Owner, _ name: String) -> [UInt8] {
        Array("zos-secret-1\0\(owner.plugin)\0\(owner.workload ?? "")\0\(name)".utf8)
    }

    private func path(_ owner: Owner, _ name: String) -> String { "\(folder)/\(owner.folder)/\(name)" }

    /// - Returns: whether there was none of that name.
    func put(_ text: [UInt8], as name: String, of owner: Owner) throws(HostingError) -> Bool {
        try names.withLock { names throws(HostingError) in
            let isNew = !(names[owner]?.contains(name) ?? false)
            let count = names.reduce(0) { $0 + ($1.key.plugin == owner.plugin ? $1.value.count : 0) }
            guard !isNew || ((names[owner]?.count ?? 0) < Self.ownerLimit && count < Self.pluginLimit) else {
                throw HostingError(
                    .unavailable,
                    "there may be \(Self.ownerLimit) secrets of a workload and \(Self.pluginLimit) of a plugin")
            }
            try SmallFile.makeFolder("\(folder)/\(owner.plugin)", mode: 0o700)
            try SmallFile.makeFolder("\(folder)/\(owner.folder)", mode: 0o700)
            try SmallFile.replace(
                path(owner, name), with: key.seal(text, for: Self.context(owner, name)), .disk)
            names[owner, default: []].insert(name)
            return isNew
        }
    }

    /// Nil if there is none.
    func get(_ name: String, of owner: Owner) throws(HostingError) -> [UInt8]? {
        guard names.withLock({ $0[owner]?.contains(name) ?? false }) else { return nil }
        guard let sealed = try SmallFile.read(path(owner, name)),
            let text = key.open(sealed, for: Self.context(owner, name))
        else {
            throw HostingError(
                .operationFailed, "secret \(name) was changed or sealed with another key", hint: "put it again")
        }
        return text
    }

    func list(of owner: Owner) -> [String] { names.withLock { ($0[owner] ?? []).sorted() } }

    func remove(_ name: String, of owner: Owner) throws(HostingError) {
        try names.withLock { names throws(HostingError) in
            guard names[owner]?.contains(name) ?? false else { return }
            try SmallFile.remove(path(owner, name))
            names[owner]?.remove(name)
            if names[owner]?.isEmpty ?? true { names[owner] = nil }
        }
    }

    /// Removes all of the owners that match.
    /// - Returns: whether there were any.
    @discardableResult
    func removeAll(where isGone: (Owner) -> Bool) throws(HostingError) -> Bool {
        try names.withLock { names throws(HostingError) in
            let gone = names.keys.filter(isGone)
            for owner in gone {
                try SmallFile.removeTree("\(folder)/\(owner.folder)")
                names[owner] = nil
            }
            return !gone.isEmpty
        }
    }
}
