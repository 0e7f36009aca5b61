import Glibc

/// Installing in steps, for a plugin that runs: the new copy lies beside the current one until it is adopted or discarded.
extension PackageStore {
    /// Verifies the package in `folder` without keeping anything.
    ///
    /// - Throws: as `install`; the refusal is in the log.
    public func examine(
        folder: String, trust: TrustPolicy, downgrade: Downgrade = .refuse
    ) throws(HostingError) -> PluginPackage {
        try exclusively { () throws(HostingError) in
            do throws(HostingError) {
                let package = try PluginPackage.verify(folder: folder, trust: trust, abi: abi)
                _ = try highest(of: package, downgrade)
                return package
            } catch {
                try log.append(.refusal, plugin: folder, reason: error)
                throw error
            }
        }
    }

    /// Keeps a copy of exactly the verified bytes, which is not loaded by itself.
    ///
    /// - Returns: its folder.
    public func stage(_ package: PluginPackage) throws(HostingError) -> String {
        try exclusively { () throws(HostingError) in
            try SmallFile.makeFolder("\(root)/\(package.manifest.id)", mode: 0o700)
            try PackageFolder.syncFolder(root)
            // A damaged copy of the same bytes is made anew; the one that is loaded is never touched.
            if try record(of: package.manifest.id)?.current != package.digestText { try copy(package) }
            return self.folder(of: package)
        }
    }

    /// Makes a staged copy the one that is loaded from now on, and removes the others. Doing it twice is the same as once.
    ///
    /// - Returns: false if there is no such copy; then nothing has changed.
    @discardableResult
    public func adopt(_ id: String, digest: String, version: String) throws(HostingError) -> Bool {
        try exclusively { () throws(HostingError) in
            guard Manifest.isIdentifier(id), Self.isDigest(digest) else { return false }
            guard access("\(root)/\(id)/\(digest)", F_OK) == 0 else { return false }
            let new = try SemanticVersion(parsing: version)
            let known = try record(of: id)
            let accepted = try known.map { (record) throws(HostingError) in try SemanticVersion(parsing: record.highest)
            }
            let highest = accepted.map { $0 < new ? new : $0 } ?? new
            try write(PackageRecord(current: digest, version: new.text, highest: highest.text), of: id)
            try removeCopies(of: id, except: digest)
            try log.append(.install, plugin: id, version: new.text, digest: digest)
            return true
        }
    }

    /// Removes a staged copy. The current one stays whatever is asked.
    public func discard(_ id: String, digest: String) throws(HostingError) {
        try exclusively { () throws(HostingError) in
            guard Manifest.isIdentifier(id), Self.isDigest(digest), try record(of: id)?.current != digest else {
                return
            }
            try SmallFile.removeTree("\(root)/\(id)/\(digest)")
        }
    }
}
