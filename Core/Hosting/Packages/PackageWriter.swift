import Glibc
import Signatures

/// Makes packages: gathers the files, takes the run path out of the object, writes the list and signs it.
public struct PackageWriter: Sendable {
    /// What of a plugin's source folder belongs into its package.
    private static let files = [PackagePath.manifest, "report.json", "README.md"]
    private static let folders = ["schemas", "docs", "files"]

    private let key: MinisignSecretKey

    public init(key: MinisignSecretKey) { self.key = key }

    /// Packs a plugin from its source folder (`plugin.json`, `schemas`, `docs`, …) and its built object into
    /// `destination`, a folder that must not exist yet.
    /// - Returns: SHA-256 of `plugin.files`.
    @discardableResult
    public func pack(source: String, object: String, into destination: String) throws(HostingError) -> [UInt8] {
        var files: [PackageFolder.File] = []
        for name in Self.files {
            if let content = try PackageFolder.readFile("\(source)/\(name)", limit: PackageFileList.maximumBytes) {
                files.append((name, content))
            }
        }
        for folder in Self.folders where access("\(source)/\(folder)", F_OK) == 0 {
            for file in try PackageFolder.read("\(source)/\(folder)") {
                files.append(("\(folder)/\(file.path)", file.content))
            }
        }
        guard let content = try PackageFolder.readFile(object, limit: PackageFileList.maximumBytes) else {
            throw HostingError(.badPackage, "there is no object \(object)", hint: "build the plugin first")
        }
        files.append((PackagePath.object, content))
        return try write(files, into: destination)
    }

    /// Signs a folder that already looks like a package: writes its object without run path, list and signature anew.
    @discardableResult
    public func sign(folder: String) throws(HostingError) -> [UInt8] {
        let files = try PackageFolder.read(folder).filter {
            $0.path != PackagePath.list && $0.path != PackagePath.signature
        }
        let signed = try self.signed(files)
        for file in signed where [PackagePath.object, PackagePath.list, PackagePath.signature].contains(file.path) {
            try SmallFile.replace("\(folder)/\(file.path)", with: file.content, .disk)
        }
        return Sodium.sha256(signed.first { $0.path == PackagePath.list }?.content ?? [])
    }

    private func write(_ files: [PackageFolder.File], into destination: String) throws(HostingError) -> [UInt8] {
        let signed = try signed(files)
        guard mkdir(destination, 0o755) == 0 else {
            throw HostingError(.badPackage, "\(destination) cannot be made: \(systemText(errno))")
        }
        try PackageFolder.write(signed, below: destination)
        return Sodium.sha256(signed.first { $0.path == PackagePath.list }?.content ?? [])
    }

    /// The files with the object cleaned, the list and its signature added. What nobody could install is not signed.
    private func signed(_ files: [PackageFolder.File]) throws(HostingError) -> [PackageFolder.File] {
        var files = files
        guard let manifest = files.first(where: { $0.path == PackagePath.manifest }) else {
            throw HostingError(.badPackage, "there is no \(PackagePath.manifest)")
        }
        guard let index = files.firstIndex(where: { $0.path == PackagePath.object }) else {
            throw HostingError(.badPackage, "there is no \(PackagePath.object)", hint: "build the plugin first")
        }
        files[index].content = try ElfObject.removingRunpath(files[index].content)
        let parsed = try Manifest(parsing: manifest.content)
        let list = Array(try PackageFileList(of: files).text.utf8)
        let signature = key.sign(list, trustedComment: parsed.trustedComment)
        files.append((PackagePath.list, list))
        files.append((PackagePath.signature, Array(signature.fileText().utf8)))
        let abi = parsed.abi
        _ = try PluginPackage(
            verifying: files, trust: TrustPolicy(trusting: key.publicKey, name: "the signing key"), abi: abi)
        return files
    }
}
