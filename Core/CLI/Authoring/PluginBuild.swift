import Foundation
import Hosting
import Signatures

/// Builds a project of any language into a package that only lacks its signature.
struct PluginBuild: Sendable {
    var project: PluginProject
    let sdk: SDKFolder
    /// Whether a Swift plugin brings its own runtime; those in C and Rust always do.
    var isSelfContained = false
    var isQuiet = false

    /// Compiles, puts the package together and checks it like a node.
    /// - Throws: `failed` if the compiler does, `invalid` if no node could install the outcome.
    func run() async throws {
        let object = try await compile()
        try pack(object)
    }

    /// - Returns: the shared object.
    private func compile() async throws -> String {
        switch project.language {
        case .swift:
            try await tool(swiftWords).run()
            return project.path + "/.build/release/libplugin.so"
        case .c:
            let object = project.path + "/build/plugin.so"
            try FileManager.default.createDirectory(
                atPath: project.path + "/build", withIntermediateDirectories: true)
            try await tool(cWords).run()
            return object
        case .rust:
            try await tool(["cargo", "build", "--release", "--lib"]).run()
            // A copy, since cargo's own is a hard link, and a package is made of files that nobody else holds.
            let object = project.path + "/build/plugin.so"
            if FileManager.default.fileExists(atPath: object) { try FileManager.default.removeItem(atPath: object) }
            try FileManager.default.copyItem(atPath: rustObject(), toPath: object)
            return object
        }
    }

    func tool(_ words: [String]) -> Tool {
        Tool(
            words: words, folder: project.path,
            environment: ["ZOS_SDK": sdk.path, "CARGO_TARGET_DIR": cargoFolder], isQuiet: isQuiet)
    }

    /// What authors need not know: a linker and a script that let one symbol out, no run path of this machine's
    /// toolchain (docs/spec/plugin-runtime-facts.md section 2.2).
    private var swiftWords: [String] {
        var words = ["swift", "build", "-c", "release", "--product", "plugin"]
        words += ["-Xswiftc", "-use-ld=lld", "-Xswiftc", "-no-toolchain-stdlib-rpath"]
        words += ["-Xlinker", "--version-script=\(sdk.exports)", "-Xlinker", "-s"]
        if isSelfContained { words += ["-Xswiftc", "-static-stdlib"] }
        return words
    }

    private var cWords: [String] {
        if FileManager.default.fileExists(atPath: project.path + "/Makefile") { return ["make", "SDK=\(sdk.path)"] }
        var words = ["cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-fPIC", "-fvisibility=hidden", "-shared"]
        words += ["-I\(sdk.path)/ABI/include", "-I\(sdk.path)/C/include", "-Wl,--version-script=\(sdk.exports)"]
        let kit = CSources.find(in: sdk.path + "/C").map { "\(sdk.path)/C/\($0)" }
        return words + CSources.find(in: project.path) + kit + ["-o", "build/plugin.so", "-pthread"]
    }

    private var cargoFolder: String { project.path + "/build/cargo" }

    private func rustObject() throws -> String {
        let release = cargoFolder + "/release"
        let names = try FileManager.default.contentsOfDirectory(atPath: release).filter {
            $0.hasPrefix("lib") && $0.hasSuffix(".so")
        }
        guard names.count == 1, let name = names.first else {
            throw CommandError(
                .invalid, "cargo made \(names.count) shared objects in \(release), a plugin is one",
                hint: "[lib] of Cargo.toml needs crate-type = [\"cdylib\"]; after a change of name remove build/cargo")
        }
        return "\(release)/\(name)"
    }

    /// Puts the package together under another name, has it checked, and takes the signature off again: whoever
    /// publishes it signs it. The old package stays until the new one is complete.
    private func pack(_ object: String) throws {
        let files = FileManager.default
        let new = project.package + ".new"
        try files.createDirectory(atPath: project.path + "/build", withIntermediateDirectories: true)
        if files.fileExists(atPath: new) { try files.removeItem(atPath: new) }
        try PackageWriter(key: .generate()).pack(source: project.path, object: object, into: new)
        for name in ["plugin.files", "plugin.files.minisig"] { try files.removeItem(atPath: "\(new)/\(name)") }
        if files.fileExists(atPath: project.package) { try files.removeItem(atPath: project.package) }
        try files.moveItem(atPath: new, toPath: project.package)
    }
}
