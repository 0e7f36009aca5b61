import CHost
import Glibc
import JSON
import Signatures

/// `trust.json` of a node, as its operator changes it. Every change goes into the log of packages too.
public struct TrustFile: Sendable {
    public let path: String
    private let log: PackageLog

    /// - Parameters:
    ///   - plugins: the node's folder of plugins, which holds `trust.json` and the store.
    ///   - now: seconds since 1970, for the log.
    public init(plugins: String, now: @escaping @Sendable () -> Int64) {
        path = plugins + "/trust.json"
        log = PackageLog(root: plugins + "/installed", now: now)
    }

    /// The policy of now; one that trusts nobody if there is no file.
    /// - Throws: `untrusted` if there is a file that cannot be read.
    public func policy() throws(HostingError) -> TrustPolicy {
        guard let bytes = try PackageFolder.readFile(path, limit: TrustPolicy.maximumBytes) else {
            return TrustPolicy()
        }
        return try TrustPolicy(parsing: bytes)
    }

    /// Makes a change durable: either the old policy holds after a power cut or the new one. Two at a time wait for
    /// each other. Blocks on the disk.
    @discardableResult
    public func apply(_ change: TrustChange) throws(HostingError) -> TrustPolicy {
        let lock = OwnedDescriptor(
            taking: try checkedErrno(
                open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600), "lock \(path)"))
        try checkedErrno(flock(lock.number, LOCK_EX), "lock \(path)")
        let policy = try policy().applying(change)
        try SmallFile.replace(path, with: Array((policy.json.text + "\n").utf8), .disk)
        try log.append(change)
        return policy
    }

    /// What was ever installed, loaded, refused, removed or trusted, oldest first.
    public func history() throws(HostingError) -> [JSONValue] { try log.entries() }
}
