import Foundation
import TestNode
import WorkerFixtures

/// Plugins that are not written in Swift, built for a test.
enum OtherLanguages {
    static var repository: String { TestObject.repository }

    /// Runs a script with `set -eu`; its output is part of the failure.
    static func shell(_ script: String) throws {
        let outcome = try Programs.run("/usr/bin/env", ["bash", "-euc", "cd '\(repository)'\n" + script])
        guard outcome.status == 0 else { throw Programs.Failure("\(script)\n\(outcome.output)") }
    }

    /// A template with its placeholders filled in, as `zos plugin new` does it, built and tested; put together as a
    /// folder that a node can sign.
    static func project(_ language: String, type: String, into plugins: PluginFolder) throws {
        let source = "\(plugins.path).\(type)"
        defer { try? FileManager.default.removeItem(atPath: source) }
        let build =
            language == "c"
            ? "make -C $source --silent test && object=$source/build/plugin.so"
            : """
            cargo test --quiet --offline --manifest-path $source/Cargo.toml --target-dir build/cargo
            cargo build --quiet --release --offline --lib --manifest-path $source/Cargo.toml --target-dir build/cargo
            object=build/cargo/release/lib\(type.replacing("-", with: "_")).so
            """
        try shell(
            """
            source=\(source) target=\(plugins.path)/\(type)
            abi=$(sed -n 's/^#define ZOS_PLUGIN_ABI \\([0-9]*\\)u.*/\\1/p' PluginSDK/ABI/include/zos_plugin.h)
            cp -r PluginSDK/Templates/\(language) $source
            mv $source/schemas/__type__.json $source/schemas/\(type).json
            grep -rlI __ $source | xargs sed -i 's/__type__/\(type)/g; s/__Type__/Greeter/g; s/__id__/org.example.\(type)/g;
                s#__sdk__#'$PWD/PluginSDK'#g; s/__abi__/'$abi'/g; s/__abi_min__/1/g; s/__symbol__/greeter/g'
            \(build)
            mkdir -p $target
            cp -r $source/plugin.json $source/schemas $source/docs $target/
            cp $object $target/plugin.so
            """)
    }

    /// The names that an object exports, and the libraries that it needs.
    static func facts(of object: String) throws -> (symbols: [String], libraries: [String]) {
        let symbols = try Programs.run("/usr/bin/env", ["nm", "-D", "--defined-only", "--format=just-symbols", object])
        let dynamic = try Programs.run("/usr/bin/env", ["readelf", "-dW", object])
        let lines = dynamic.output.split(separator: "\n").filter { $0.contains("NEEDED") || $0.contains("PATH") }
        let libraries = lines.compactMap { $0.split(separator: "[").last?.dropLast() }.map(String.init)
        return (symbols.output.split(separator: "\n").map(String.init), libraries)
    }
}
