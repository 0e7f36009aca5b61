import Glibc
import JSON
import Signatures
import Synchronization

/// The node's own copies of the packages that it accepted: `plugins/<id>/<digest>/`, read-only, verified again at each load.
///
/// Calls block on the disk: keep them off cooperative threads. One at a time runs.
public final class PackageStore: Sendable {
    /// What to do with a version below the highest that was ever accepted.
    public enum Downgrade: Sendable {
        case refuse
        /// The operator has said so in so many words.
        case allow
    }

    /// A plugin that is installed, as far as can be said without reading its package.
    public struct Installed: Sendable, Hashable {
        public let id: String
        public let digest: String
        public let version: String
        /// The highest version ever accepted.
        public let highest: String
    }

    let root: String
    let log: PackageLog
    let abi: ClosedRange<UInt32>
    private let isBusy = Mutex(())

    /// - Parameters:
    ///   - root: the folder, made if it is missing. Must belong to root and to the node alone.
    ///   - abi: the ABI versions that this node speaks.
    ///   - now: seconds since 1970, for the log.
    public init(root: String, abi: ClosedRange<UInt32>, now: @escaping @Sendable () -> Int64) throws(HostingError) {
        try SmallFile.makeFolder(root, mode: 0o700)
        self.root = root
        self.abi = abi
        log = PackageLog(root: root, now: now)
    }

    /// Verifies the package in `folder` and makes a copy of exactly the verified bytes the one that is loaded from now on.
    @discardableResult
    public func install(
        folder: String, trust: TrustPolicy, downgrade: Downgrade = .refuse
    ) throws(HostingError) -> PluginPackage {
        try exclusively { () throws(HostingError) in
            do throws(HostingError) {
                let package = try PluginPackage.verify(folder: folder, trust: trust, abi: abi)
                try accept(package, downgrade)
                try log.append(.install, plugin: package.manifest.id, package: package)
                return package
            } catch {
                try log.append(.refusal, plugin: folder, reason: error)
                throw error
            }
        }
    }

    /// Reads the installed copy of a plugin and verifies it anew, under the policy of now.
    public func load(_ id: String, trust: TrustPolicy) throws(HostingError) -> PluginPackage {
        try exclusively { () throws(HostingError) in
            do throws(HostingError) {
                let package = try read(id, trust)
                try log.append(.load, plugin: id, package: package)
                return package
            } catch {
                try log.append(.refusal, plugin: id, reason: error)
                throw error
            }
        }
    }

    /// Forgets the packages of a plugin. The highest version that was accepted stays known.
    public func remove(_ id: String) throws(HostingError) {
        try exclusively { () throws(HostingError) in
            guard var record = try record(of: id), record.current != nil else { throw Self.notInstalled(id) }
            record.current = nil
            record.version = nil
            try write(record, of: id)
            try removeCopies(of: id, except: nil)
            try log.append(.removal, plugin: id)
        }
    }

    /// What is installed, by id. Records that cannot be read are left out here; loading says what is wrong with them.
    public func installed() -> [Installed] {
        ids().compactMap { id in
            guard let record = try? record(of: id), let digest = record.current, let version = record.version else {
                return nil  // `load` reports what is wrong.
            }
            return Installed(id: id, digest: digest, version: version, highest: record.highest)
        }
    }

    /// The plugins that are to be loaded: those that are installed, and those whose record is damaged.
    public func ids() -> [String] {
        SmallFile.names(root).filter(Manifest.isIdentifier).filter { id in
            do throws(HostingError) { return try record(of: id)?.current != nil } catch { return true }
        }
    }

    /// Names of the types of an installed plugin, by its copy, whether or not its publisher is trusted now.
    public func types(of id: String) throws(HostingError) -> [String] {
        guard Manifest.isIdentifier(id), let digest = try record(of: id)?.current else { throw Self.notInstalled(id) }
        guard let bytes = try SmallFile.read("\(root)/\(id)/\(digest)/plugin.json") else { return [] }
        return try Manifest(parsing: bytes).types.map(\.name)
    }

    /// The folder of a package's verified copy: files 0444, for its worker to read.
    public func folder(of package: PluginPackage) -> String { "\(root)/\(package.manifest.id)/\(package.digestText)" }

    func exclusively<Result>(_ body: () throws(HostingError) -> Result) throws(HostingError) -> Result {
        // A lock of its own type, since `Mutex.withLock` would want the result to be sendable out of it.
        let outcome = isBusy.withLock { _ in
            do throws(HostingError) { return Swift.Result<Result, HostingError>.success(try body()) } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private func read(_ id: String, _ trust: TrustPolicy) throws(HostingError) -> PluginPackage {
        guard Manifest.isIdentifier(id), let digest = try record(of: id)?.current else { throw Self.notInstalled(id) }
        let package = try PluginPackage.verify(folder: "\(root)/\(id)/\(digest)", trust: trust, abi: abi)
        guard package.digestText.utf8.elementsEqual(digest.utf8), package.manifest.id.utf8.elementsEqual(id.utf8)
        else {
            throw HostingError(
                .badPackage, "the stored package of \(id) is not the one that was installed",
                hint: "install the plugin again")
        }
        return package
    }

    private static func notInstalled(_ id: String) -> HostingError {
        HostingError(.badPackage, "no plugin \(id) is installed", hint: "`zos plugin list` shows those that are")
    }
}
