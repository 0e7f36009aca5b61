import Foundation
import Hosting
import Testing

@testable import CLI

@Suite("Authoring")
struct AuthoringTests {
    private static let repository = String(#filePath.dropLast("/Tests/Unit/CLITests/AuthoringTests.swift".count))
    private static let sdk = SDKFolder(path: repository + "/PluginSDK")

    private final class Scratch {
        let path = "/tmp/zos-authoring-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static func lines(of path: String) throws -> Int {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false).count
            - 1
    }

    /// What an author writes: sources and build description, no tests, no texts.
    @Test(
        "the hello plugin has at most 60 lines of the author's own code in Swift, 100 in C, 80 in Rust",
        arguments: [(ProjectLanguage.swift, 60), (.c, 100), (.rust, 80)])
    func ownCode(language: ProjectLanguage, limit: Int) throws {
        let folder = Self.sdk.template(language)
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { path in
            let isSource = [".swift", ".c", ".h", ".rs"].contains { path.hasSuffix($0) }
            let isTest = path.lowercased().split(separator: "/").contains { $0.hasPrefix("test") }
            return isSource && !isTest
        }
        #expect(!files.isEmpty)
        let count = try files.reduce(0) { try $0 + Self.lines(of: "\(folder)/\($1)") }
        #expect(count <= limit, "\(count) lines: \(files)")
    }

    @Test(
        "a new project is a plugin of its type, whatever the language, with no placeholder left",
        arguments: ProjectLanguage.allCases)
    func new(language: ProjectLanguage) throws {
        let scratch = try Scratch()
        let name = try ProjectName("my-type", id: nil)
        let folder = scratch.path + "/my-type"
        let files = try ProjectTemplate(language, of: Self.sdk, for: name).write(to: folder)
        for file in files {
            let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            for word in ["__type__", "__symbol__", "__Type__", "__id__", "__sdk__", "__abi__", "__abi_min__"] {
                #expect(!text.contains(word) && !file.contains(word), "\(file): \(word)")
            }
        }
        for file in ["README.md", "docs/example.yaml", "schemas/my-type.json", ".gitignore"] {
            #expect(files.contains(file), "\(file)")
        }
        let project = try PluginProject(folder)
        #expect(project.language == language)
        #expect(project.manifest.id == "org.example.my-type")
        #expect(project.manifest.types.map(\.name) == ["my-type"])
        let error = #expect(throws: CommandError.self) {
            try ProjectTemplate(language, of: Self.sdk, for: name).write(to: folder)
        }
        #expect(error?.kind == .invalid)
    }

    @Test("names of types are those that a manifest may have")
    func names() throws {
        for good in ["a", "hello", "my-type", "a1-b2", String(repeating: "x", count: 48)] {
            #expect(try ProjectName(good, id: nil).type == good)
        }
        for bad in [
            "", "Hello", "-a", "a-", "a--b", "a_b", "1a", "a/b", "..", "é", String(repeating: "x", count: 49),
        ] {
            #expect(throws: CommandError.self, "\(bad)") { try ProjectName(bad, id: nil) }
        }
        let name = try ProjectName("my-2nd-type", id: "net.example.other")
        #expect(name.symbol == "my_2nd_type" && name.swift == "My2ndType" && name.id == "net.example.other")
    }

    @Test("the kit is the one named, else the one beside or above the program")
    func kit() throws {
        let scratch = try Scratch()
        let program = Self.repository + "/.build/debug/zos"
        #expect(try SDKFolder.find(option: nil, executable: program, environment: [:]).path == Self.sdk.path)
        let named = ["ZOS_SDK": Self.sdk.path]
        #expect(try SDKFolder.find(option: nil, executable: "/x/zos", environment: named).path == Self.sdk.path)
        let installed = scratch.path + "/share/zos/PluginSDK"
        try FileManager.default.createDirectory(atPath: installed + "/ABI/include", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: scratch.path + "/bin", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Self.sdk.header, toPath: installed + "/ABI/include/zos_plugin.h")
        let beside = try SDKFolder.find(option: nil, executable: scratch.path + "/bin/zos", environment: [:])
        #expect(beside.path == installed)
        #expect(try beside.abi() == Self.sdk.abi())
        for (option, kind) in [("/nonexistent", CommandError.Kind.invalid), (nil, .notFound)] {
            let error = #expect(throws: CommandError.self) {
                try SDKFolder.find(option: option, executable: "/x/zos", environment: [:])
            }
            #expect(error?.kind == kind)
        }
    }

    @Test("a project says by its files what builds it")
    func languages() throws {
        let scratch = try Scratch()
        #expect(ProjectLanguage.detect(in: scratch.path) == nil)
        for (file, language) in [("x.c", ProjectLanguage.c), ("Cargo.toml", .rust), ("Package.swift", .swift)] {
            try Data().write(to: URL(fileURLWithPath: "\(scratch.path)/\(file)"))
            #expect(ProjectLanguage.detect(in: scratch.path) == language)
        }
        let error = #expect(throws: CommandError.self) { try PluginProject(scratch.path) }
        #expect(error?.kind == .notFound)
    }

    @Test("a project in C without a Makefile is built, checked like by a node, and signed")
    func bareC() async throws {
        let scratch = try Scratch()
        let project = try Self.bareProject(scratch.path)
        try await PluginBuild(project: project, sdk: Self.sdk, isQuiet: true).run()
        let packed = try FileManager.default.subpathsOfDirectory(atPath: project.package).sorted()
        #expect(packed == ["plugin.json", "plugin.so", "schemas", "schemas/bare.json"])
        // Again over the old one.
        try await PluginBuild(project: project, sdk: Self.sdk, isQuiet: true).run()
        #expect(!FileManager.default.fileExists(atPath: project.package + ".new"))
        // What no node could install fails, and leaves the package of before.
        try Data("{\"$ref\": \"http://elsewhere\"}".utf8).write(
            to: URL(fileURLWithPath: scratch.path + "/schemas/bare.json"))
        await #expect(throws: HostingError.self) {
            try await PluginBuild(project: project, sdk: Self.sdk, isQuiet: true).run()
        }
        #expect(FileManager.default.fileExists(atPath: project.package + "/plugin.so"))
        // So does what does not compile.
        try Data("int f(void) { return x; }".utf8).write(to: URL(fileURLWithPath: scratch.path + "/bare.c"))
        let error = await #expect(throws: CommandError.self) {
            try await PluginBuild(project: project, sdk: Self.sdk, isQuiet: true).run()
        }
        #expect(error?.kind == .failed)
    }

    private static func bareProject(_ folder: String) throws -> PluginProject {
        let code = """
            #include "zos_plugin.h"
            int hidden(void) { return 1; }
            const zos_plugin *zos_plugin_entry(uint32_t abi) { (void)abi; return 0; }
            """
        let manifest = """
            {"manifest": 1, "id": "org.example.bare", "version": "1.0.0", "abi": {"min": 1, "max": 1}, "summary": "x",
             "types": [{"name": "bare", "schema": "schemas/bare.json"}]}
            """
        try FileManager.default.createDirectory(atPath: folder + "/schemas", withIntermediateDirectories: true)
        for (name, text) in [
            ("bare.c", code), ("plugin.json", manifest), ("schemas/bare.json", #"{"type": "object"}"#),
        ] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        return try PluginProject(folder)
    }

    @Test("a tool's exit code is told, and a tool that is not there is named")
    func tools() async throws {
        #expect(try await Tool(words: ["sh", "-c", "exit 7"], folder: "/").status() == 7)
        #expect(try await Tool(words: ["sh", "-c", "kill -TERM $$"], folder: "/").status() == 128 + SIGTERM)
        #expect(try await Tool(words: ["sh", "-c", "test $PWD = /tmp"], folder: "/tmp").status() == 0)
        let set = Tool(words: ["sh", "-c", "test $ZOS_T = 1"], folder: "/", environment: ["ZOS_T": "1"])
        #expect(try await set.status() == 0)
        await #expect(throws: CommandError.self) {
            try await Tool(words: ["/nonexistent/compiler"], folder: "/").run()
        }
    }

    @Test("a change of a source is seen, also in a new folder; what builds write is not")
    func watch() async throws {
        let scratch = try Scratch()
        func write(_ path: String, _ text: String) throws {
            let file = URL(fileURLWithPath: "\(scratch.path)/\(path)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try write("Sources/a.swift", "1")
        var watch = try SourceWatch(scratch.path)
        try write("Sources/a.swift", "22")
        try await watch.change()
        try write("Sources/new/b.swift", "1")
        try await watch.change()
        try write("Sources/new/b.swift", "333")
        try await watch.change()
        try FileManager.default.removeItem(atPath: scratch.path + "/Sources/a.swift")
        try await watch.change()
        // These alone would never end it; the source after them does.
        try write(".build/x", "1")
        try write("build/x", "1")
        try write("Package.resolved", "1")
        let isBusy = try await withThrowingTaskGroup(of: Bool.self) { group in
            let path = scratch.path
            group.addTask {
                var watch = try SourceWatch(path)
                try Data("2".utf8).write(to: URL(fileURLWithPath: path + "/build/x"))
                try await watch.change()
                return true
            }
            group.addTask {
                try await Task.sleep(for: .milliseconds(400))
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? true
        }
        #expect(!isBusy)
    }

    @Test("the author's key is made once, private, with its public half beside it")
    func key() throws {
        let scratch = try Scratch()
        let file = AuthorKey.defaultFile(["XDG_CONFIG_HOME": scratch.path])
        #expect(file == scratch.path + "/zos/publisher.key")
        let made = try AuthorKey.load(nil, defaultFile: file) { "" }
        let again = try AuthorKey.load(nil, defaultFile: file) { "" }
        #expect(made.isNew && !again.isNew && made.key.publicKey == again.key.publicKey)
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let text = try String(contentsOfFile: AuthorKey.publicFile(file), encoding: .utf8)
        #expect(text == made.key.publicKey.fileText)
        let named = try AuthorKey.load(file) { "" }
        #expect(named.key.publicKey == made.key.publicKey)
    }
}
