import ArgumentParser
import Foundation

/// What a plugin is written in.
enum ProjectLanguage: String, Sendable, CaseIterable, ExpressibleByArgument {
    case swift, c, rust

    /// What the files of a project say; nil if they say nothing.
    static func detect(in folder: String) -> ProjectLanguage? {
        let has = { (name: String) in FileManager.default.fileExists(atPath: "\(folder)/\(name)") }
        if has("Package.swift") { return .swift }
        if has("Cargo.toml") { return .rust }
        if has("Makefile") || !CSources.find(in: folder).isEmpty { return .c }
        return nil
    }
}

/// The C files of a project without a Makefile.
enum CSources {
    /// Paths relative to the project: `*.c` in it and in `src`.
    static func find(in folder: String) -> [String] {
        [("", folder), ("src/", folder + "/src")].flatMap { prefix, place in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []  // No folder, no files.
            return names.filter { $0.hasSuffix(".c") }.sorted().map { prefix + $0 }
        }
    }
}
