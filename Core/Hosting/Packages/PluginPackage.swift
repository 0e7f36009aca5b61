import Deployments
import JSON
import Schema
import Signatures

/// A package that has passed every check. Only verification makes one, from bytes that were read once.
public struct PluginPackage: Sendable {
    /// A type with its compiled schema.
    public struct PackagedType: Sendable {
        public let declaration: TypeDeclaration
        public let schema: Schema
    }

    /// A command with the compiled schema of its request.
    public struct PackagedCommand: Sendable {
        public let declaration: CommandDeclaration
        public let request: Schema?
    }

    public let manifest: Manifest
    /// SHA-256 of `plugin.files`, which names every file of the package by its digest.
    public let digest: [UInt8]
    public let publisher: TrustPolicy.Publisher
    public let types: [PackagedType]
    public let commands: [PackagedCommand]
    let files: [PackageFolder.File]

    /// The digest in lower-case hex.
    public var digestText: String { Hex.encode(digest) }
    /// The shared object, exactly as it was verified: what goes into the sealed memory file.
    public var object: [UInt8] { file(at: PackagePath.object) ?? [] }

    /// The content of a file of the package, by its path in `plugin.files`.
    public func file(at path: String) -> [UInt8]? {
        files.first { $0.path.utf8.elementsEqual(path.utf8) }?.content
    }

    /// Reads a folder and verifies it. Blocks for as long as reading takes.
    /// - Parameter abi: the ABI versions that this node speaks.
    public static func verify(
        folder: String, trust: TrustPolicy, abi: ClosedRange<UInt32>
    ) throws(HostingError) -> PluginPackage {
        try PluginPackage(verifying: try PackageFolder.read(folder), trust: trust, abi: abi)
    }

    /// Signature first: nothing else is parsed before somebody trusted has signed it.
    init(
        verifying files: [PackageFolder.File], trust: TrustPolicy, abi: ClosedRange<UInt32>
    ) throws(HostingError) {
        let list = try Self.required(PackagePath.list, in: files)
        let signature = try Self.signature(try Self.required(PackagePath.signature, in: files))
        publisher = try trust.publisher(of: signature, over: list)
        let content = files.filter {
            !$0.path.utf8.elementsEqual(PackagePath.list.utf8)
                && !$0.path.utf8.elementsEqual(PackagePath.signature.utf8)
        }
        try Self.compare(content, with: try PackageFileList(parsing: list))
        manifest = try Manifest(parsing: try Self.required(PackagePath.manifest, in: content))
        guard signature.trustedComment.utf8.elementsEqual(manifest.trustedComment.utf8) else {
            throw HostingError(
                .badSignature,
                "the signature is for another plugin or version than the manifest: it has to say \"\(manifest.trustedComment)\""
            )
        }
        digest = Sodium.sha256(list)
        try trust.check(manifest, digest: digest, of: publisher)
        guard manifest.abi.overlaps(abi) else {
            throw HostingError(
                .incompatibleABI,
                "\(manifest.id) \(manifest.version) speaks plugin ABI \(Self.text(manifest.abi)), this node speaks \(Self.text(abi))",
                hint: manifest.abi.lowerBound > abi.upperBound
                    ? "upgrade the node, or install an older version of the plugin"
                    : "install a newer version of the plugin")
        }
        try ElfObject(try Self.required(PackagePath.object, in: content)).check()
        types = try Self.types(manifest, content)
        commands = try Self.commands(manifest)
        self.files = files
    }

    private static func text(_ range: ClosedRange<UInt32>) -> String {
        range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)–\(range.upperBound)"
    }

    private static func required(_ path: String, in files: [PackageFolder.File]) throws(HostingError) -> [UInt8] {
        guard let file = files.first(where: { $0.path.utf8.elementsEqual(path.utf8) }) else {
            throw HostingError(
                .badPackage, "the package has no \(path)",
                hint: "build and sign it with `zos plugin build` and `zos plugin sign`")
        }
        return file.content
    }

    private static func signature(_ bytes: [UInt8]) throws(HostingError) -> MinisignSignature {
        do throws(SignatureError) {
            return try MinisignSignature(String(decoding: bytes, as: UTF8.self))
        } catch { throw HostingError(.badSignature, "\(PackagePath.signature): \(error.message)") }
    }

    private static func compare(_ files: [PackageFolder.File], with list: PackageFileList) throws(HostingError) {
        let contents = Dictionary(files.map { (Array($0.path.utf8), $0.content) }) { first, _ in first }
        for entry in list.entries {
            guard let content = contents[Array(entry.path.utf8)] else {
                throw HostingError(.badPackage, "the package lacks \(entry.path), which \(PackagePath.list) names")
            }
            guard content.count == entry.size, Sodium.sha256(content) == entry.digest else {
                throw HostingError(.badPackage, "\(entry.path) is not the file that was signed")
            }
        }
        guard contents.count == list.entries.count else {
            let listed = Set(list.entries.map { Array($0.path.utf8) })
            let extra = files.first { !listed.contains(Array($0.path.utf8)) }?.path ?? ""
            throw HostingError(
                .badPackage, "the package has the file \(extra), which \(PackagePath.list) does not name")
        }
    }

    private static func types(
        _ manifest: Manifest, _ files: [PackageFolder.File]
    ) throws(HostingError) -> [PackagedType] {
        var types: [PackagedType] = []
        for declaration in manifest.types {
            let bytes = try required(declaration.schema, in: files)
            let document: JSONValue
            do throws(JSONError) {
                document = try JSONValue(parsing: bytes, limits: JSONLimits(maxBytes: 1 << 20))
            } catch { throw HostingError(.badManifest, "\(declaration.schema) is no strict JSON: \(error)") }
            types.append(
                PackagedType(declaration: declaration, schema: try compile(document, declaration.schema)))
        }
        return types
    }

    private static func commands(_ manifest: Manifest) throws(HostingError) -> [PackagedCommand] {
        var commands: [PackagedCommand] = []
        for declaration in manifest.commands {
            if let reply = declaration.reply { _ = try compile(reply, "the reply of \(declaration.name)") }
            var request: Schema?
            if let document = declaration.request {
                request = try compile(document, "the request of \(declaration.name)")
            }
            commands.append(PackagedCommand(declaration: declaration, request: request))
        }
        return commands
    }

    private static func compile(_ document: JSONValue, _ what: String) throws(HostingError) -> Schema {
        do throws(SchemaError) {
            return try Schema(compiling: document)
        } catch {
            throw HostingError(
                .badManifest, "\(what): \(error)", hint: "docs/schema.md lists what schemas may use")
        }
    }
}
