import Foundation
import Synchronization

/// Shared objects made from `plugin.c` at test time, one per set of macros.
public enum TestObject {
    private static let made = Mutex<[String: [UInt8]]>([:])

    private static let placeholder = "test.plugin-00000000"

    /// The object's bytes with another id of the same length, which saves a compiler run per test.
    public static func build(_ macros: [String] = [], named name: String) throws -> [UInt8] {
        var bytes = try build(macros)
        let wanted = Array(placeholder.utf8)
        guard let range = bytes.firstRange(of: wanted), name.utf8.count == wanted.count else { return bytes }
        bytes.replaceSubrange(range, with: name.utf8)
        return bytes
    }

    /// The object's bytes.
    ///
    /// - Parameter macros: such as `PLUGIN_ABI=9`.
    public static func build(_ macros: [String] = []) throws -> [UInt8] {
        try made.withLock { made in
            let key = macros.joined(separator: " ")
            if let bytes = made[key] { return bytes }
            let bytes = try compile(
                ["plugin.c"], ["-shared", "-fPIC", "-O1", "-Wno-infinite-recursion"] + macros.map { "-D\($0)" })
            made[key] = bytes
            return bytes
        }
    }

    /// Compiles files of this folder, or of the repository by absolute path, and returns the result's bytes.
    /// - Parameter headers: the folder of `zos_plugin.h`; the current one unless given.
    public static func compile(_ sources: [String], _ options: [String], headers: String? = nil) throws -> [UInt8] {
        let output = NSTemporaryDirectory() + "/zos-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        defer { try? FileManager.default.removeItem(atPath: output) }
        try compile(sources, options, headers: headers, to: output)
        return try [UInt8](Data(contentsOf: URL(fileURLWithPath: output)))
    }

    /// The same into a file: a program that this process writes itself could be "text file busy" while another test forks.
    public static func compile(
        _ sources: [String], _ options: [String], headers: String? = nil, to output: String
    ) throws {
        let paths = sources.map { $0.hasPrefix("/") ? $0 : "\(folder)/\($0)" }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["clang", "-I\(headers ?? repository + "/PluginSDK/ABI/include")", "-I\(repository)/Core/C/CHost/include"]
            + options + paths
            + ["-o", output]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CompilationFailed(sources: sources) }
    }

    static let folder = String(#filePath.dropLast("/TestObject.swift".count))
    public static let repository = String(folder.dropLast("/Tests/WorkerFixtures".count))

    struct CompilationFailed: Error { let sources: [String] }
}
