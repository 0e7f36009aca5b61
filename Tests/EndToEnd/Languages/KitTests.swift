import Foundation
import TestNode
import Testing

/// The SDKs for C and Rust, with their own tests. The first run compiles the crate (some 10 s); all together 20 s after.
@Suite("SDKs in other languages", .serialized)
struct KitTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = "/tmp/zt-kit-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private let includes = "-IPluginSDK/ABI/include -IPluginSDK/C/include -IPluginSDK/C/testing"

    @Test(
        "the kit for C compiles without a warning, as C and as C++",
        arguments: ["gcc -std=c11", "gcc -std=gnu11", "clang -std=gnu11", "g++ -x c++", "clang++ -x c++"])
    func compiles(compiler: String) throws {
        try withFolder { folder in
            // What plain C lacks is asked for by name, as a project would.
            let plain = compiler.contains("=c11") ? "-D_GNU_SOURCE" : ""
            try OtherLanguages.shell(
                """
                for file in PluginSDK/C/*.c PluginSDK/C/testing/*.c PluginSDK/C/tests/probe.c; do
                    \(compiler) \(plain) -c -O1 -Wall -Wextra -Werror \(includes) $file -o \(folder)/object.o
                done
                """)
        }
    }

    @Test(
        "hostile bytes neither crash nor leak in the kit for C: its tests pass under the address and undefined sanitizers"
    )
    func sanitized() throws {
        try withFolder { folder in
            try OtherLanguages.shell(
                """
                options="-std=gnu11 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all \(includes)"
                kit=PluginSDK/C
                gcc $options $kit/json_*.c $kit/tests/json_test.c -o \(folder)/json
                gcc $options -shared -fPIC $kit/*.c $kit/tests/probe.c -o \(folder)/probe.so
                gcc $options $kit/json_*.c $kit/testing/*.c $kit/tests/boundary_test.c -pthread -ldl -o \(folder)/boundary
                gcc $options $kit/*.c $kit/tests/probe.c $kit/tests/memory_test.c -pthread \\
                    -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc -o \(folder)/memory
                export ASAN_OPTIONS=detect_leaks=1
                timeout 120 \(folder)/memory
                timeout 120 \(folder)/json
                timeout 120 \(folder)/boundary \(folder)/probe.so
                """)
        }
    }

    @Test(
        "the crate for Rust passes its tests without any dependency", arguments: ["PluginSDK/Rust", "Samples/keyvalue"])
    func crate(folder: String) throws {
        let tree = try Programs.run(
            "/usr/bin/env",
            [
                "cargo", "tree", "--offline", "--prefix", "none", "--manifest-path",
                "\(OtherLanguages.repository)/\(folder)/Cargo.toml",
            ])
        // A crate is a line such as "zos-plugin v1.0.0 (folder)"; beside them cargo says what else it does.
        let lines = tree.output.split(separator: "\n").map { $0.split(separator: " ") }
        let crates = Set(lines.filter { $0.count > 1 && $0[1].hasPrefix("v") }.map { $0[0] })
        #expect(crates.contains("zos-plugin"))
        #expect(crates.isSubset(of: ["zos-plugin", "keyvalue"]), "\(tree.output)")
        try OtherLanguages.shell(
            "timeout 300 cargo test --quiet --offline --manifest-path \(folder)/Cargo.toml --target-dir build/cargo")
    }
}
