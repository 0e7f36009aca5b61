// swift-tools-version: 6.2
// The node runtime: core, built-in plugins and tests. Plugins are built against PluginSDK alone.
import PackageDescription

/// `scripts/fuzz` builds with libFuzzer's counters in all code of ours.
let isFuzzing = Context.environment["ZOS_FUZZ"] != nil
let strict: [SwiftSetting] =
    [.treatAllWarnings(as: .error)] + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer"])] : [])

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
]
/// WebSocket, with TLS.
let webSocket: [Target.Dependency] =
    nio + [
        .product(name: "NIOWebSocket", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
    ]
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let json = Target.Dependency.product(name: "JSON", package: "PluginSDK")
let addresses = Target.Dependency.product(name: "Addresses", package: "PluginSDK")
let naming = Target.Dependency.product(name: "Naming", package: "PluginSDK")
let netlink = Target.Dependency.product(name: "Netlink", package: "PluginSDK")
let abi = Target.Dependency.product(name: "PluginABI", package: "PluginSDK")
let sdk = Target.Dependency.product(name: "PluginSDK", package: "PluginSDK")
let pluginTesting = Target.Dependency.product(name: "PluginTesting", package: "PluginSDK")

/// A part of the core: `Core/<name>`, tested by `Tests/Unit/<name>Tests`.
func part(
    _ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [], exclude: [String] = [],
    testDependencies: [Target.Dependency] = []
) -> [Target] {
    [
        .target(
            name: name, dependencies: dependencies, path: "Core/\(name)", exclude: exclude, resources: resources,
            swiftSettings: strict),
        .testTarget(
            name: "\(name)Tests", dependencies: [.target(name: name), "TestVectors"] + dependencies + testDependencies,
            path: "Tests/Unit/\(name)Tests", swiftSettings: strict),
    ]
}

/// A plugin: its logic (linked into tests too) and the shared object that exports the one entry symbol.
/// The two are apart because all tests end in one executable, which may hold only one entry symbol.
func plugin(_ name: String, _ folder: String, uses: [Target.Dependency] = [], tests: [Target.Dependency] = [])
    -> [Target]
{
    [
        .target(
            name: "\(name)Provisioner", dependencies: [sdk, json, addresses, naming] + uses,
            path: "\(folder)/Sources", swiftSettings: strict),
        .target(
            name: "\(name)Export", dependencies: [sdk, abi, .target(name: "\(name)Provisioner")],
            path: "\(folder)/Export", swiftSettings: strict,
            linkerSettings: [
                .unsafeFlags([
                    "-use-ld=lld", "-no-toolchain-stdlib-rpath", "-Xlinker",
                    "--version-script=\(Context.packageDirectory)/PluginSDK/ABI/plugin.map",
                ])
            ]),
        .testTarget(
            name: "\(name)ProvisionerTests",
            dependencies: [.target(name: "\(name)Provisioner"), sdk, pluginTesting, json, addresses, naming] + uses
                + tests,
            path: "\(folder)/Tests", swiftSettings: strict),
    ]
}

var targets: [Target] = [
    .systemLibrary(
        name: "CSodium", path: "Core/C/CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(
        name: "CSQLite", path: "Core/C/CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(
        name: "CSeccomp", path: "Core/C/CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
    .systemLibrary(
        name: "CCrypto", path: "Core/C/CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
        name: "CSecp256k1", path: "Core/C/CSecp256k1", pkgConfig: "libsecp256k1",
        providers: [.apt(["libsecp256k1-dev"])]),
    .systemLibrary(
        name: "CArchive", path: "Core/C/CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(
        name: "CCurl", path: "Core/C/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CSnappy", path: "Core/C/CSnappy", providers: [.apt(["libsnappy-dev"])]),
    // What the embedded ledger answers when it is asked for its metadata.
    .target(name: "CChainMetadata", path: "Core/C/CChainMetadata", cSettings: [.unsafeFlags(["-std=c23"])]),
    .target(
        name: "CFetch", dependencies: ["CCurl"], path: "Core/C/CFetch",
        cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    .target(name: "CHost", path: "Core/C/CHost", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    .testTarget(
        name: "BrokeredPluginsTests",
        dependencies: [
            "Hosting", "NetworkProvisioner", "PublicIPProvisioner", "ZMountProvisioner", "ZMachineProvisioner", "CHost",
            "zos-shim", "zos-unpack", "ImageFixtures", sdk, json, naming, netlink,
        ], path: "Tests/Unit/BrokeredPluginsTests", exclude: ["kernel"], swiftSettings: strict),
    // A host of real namespaces and links for the tests of plugins.
    .target(
        name: "TestHost", dependencies: ["CHost", sdk, pluginTesting, json, netlink], path: "Tests/TestHost",
        swiftSettings: strict),
    // An embedded ledger with what tests need in it, behind any of its faces.
    .target(
        name: "TestLedger", dependencies: ["Contracts", "Signatures", log], path: "Tests/TestLedger",
        swiftSettings: strict),
    // The same behind the client of the chain, and a plain client of its JSON-RPC.
    .target(
        name: "TestChain",
        dependencies: ["TestLedger", "Chain", "Contracts", "Substrate", "Signatures", "WebSockets", json, log],
        path: "Tests/TestChain", swiftSettings: strict),
    // A chain and endpoints with faults, for the tests of clients of the chain.
    .target(
        name: "ScriptedChain",
        dependencies: ["Chain", "Contracts", "Substrate", "Signatures", "WebSockets", "TestVectors", json, log],
        path: "Tests/ScriptedChain", swiftSettings: strict),
    // What every face of the embedded ledger shows in the same way, and clients of others on it.
    .testTarget(
        name: "LedgerTests",
        dependencies: [
            "TestLedger", "TestChain", "ScriptedChain", "Chain", "Contracts", "Substrate", "Signatures", "WebSockets",
            json, log,
        ],
        path: "Tests/Ledger", exclude: ["Python"], swiftSettings: strict),
    .target(name: "TestVectors", dependencies: [json], path: "Tests/TestVectors", swiftSettings: strict),
    .testTarget(
        name: "JSONTests", dependencies: [json, "TestVectors"], path: "Tests/Unit/JSONTests", swiftSettings: strict),
    .testTarget(
        name: "AddressesTests", dependencies: [addresses, json, "TestVectors"], path: "Tests/Unit/AddressesTests",
        swiftSettings: strict),
    .testTarget(
        name: "NamingTests", dependencies: [naming, addresses, json, "TestVectors"], path: "Tests/Unit/NamingTests",
        swiftSettings: strict),
    .testTarget(
        name: "NetlinkTests", dependencies: [netlink, addresses, "CHost"], path: "Tests/Unit/NetlinkTests",
        swiftSettings: strict),
    .testTarget(
        name: "PluginSDKTests", dependencies: [sdk, pluginTesting, abi, json], path: "Tests/Unit/PluginSDKTests",
        swiftSettings: strict),
    // The sandboxed process that loads one plugin. No Foundation.
    .executableTarget(
        name: "zos-worker", dependencies: ["WorkerSandbox", "CHost", abi, json], path: "Core/Worker",
        swiftSettings: strict),
    // What runs inside the worker before the plugin: shared with the core only as types of the launch plan.
    .target(
        name: "WorkerSandbox", dependencies: ["CHost", "CSeccomp", json], path: "Core/WorkerSandbox",
        swiftSettings: strict),
    .testTarget(
        name: "WorkerSandboxTests", dependencies: ["WorkerSandbox", "CHost"], path: "Tests/Unit/WorkerSandboxTests",
        swiftSettings: strict),
    // The process that fetches and unpacks the roots that clients name.
    .executableTarget(
        name: "zos-unpack", dependencies: ["Images", "Unpacking", "WorkerSandbox", "CHost", json], path: "Core/Unpack",
        swiftSettings: strict),
    // Packs roots in every form, right and wrong ones, for tests and the benchmark.
    .target(
        name: "ImageFixtures", dependencies: ["CSQLite", "CSodium", "CCrypto", "CSnappy", json],
        path: "Tests/ImageFixtures", swiftSettings: strict),
    // The companion shim: C, static, 62 KiB of memory each. `main.c` says why no Swift runtime ends up in it.
    .executableTarget(
        name: "zos-shim", path: "Core/CompanionShim",
        cSettings: [
            .headerSearchPath("../C/CHost/include"), .unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"]),
        ],
        linkerSettings: [
            .unsafeFlags(["-static-stdlib", "-Xclang-linker", "-static", "-Xclang-linker", "-no-pie"])
        ]),
    .executableTarget(
        name: "zosd", dependencies: ["Node", .product(name: "ArgumentParser", package: "swift-argument-parser")],
        path: "Core/zosd", swiftSettings: strict),
    .executableTarget(
        name: "zos",
        dependencies: [
            "CLI", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ], path: "Core/zos", swiftSettings: strict),
    .testTarget(
        name: "ConformanceTests",
        dependencies: [
            "Deployments", "Signatures", "Schema", "Versioning", "RMB", "VectorRunner", "TestVectors", "CLI",
            "TestNode",
            "WorkerFixtures", pluginTesting, json, naming,
        ],
        path: "Tests/Conformance", swiftSettings: strict),
    // Plugins that were built with released headers, in real workers.
    .testTarget(
        name: "CompatibilityTests", dependencies: ["Hosting", "WorkerFixtures", "CHost", json],
        path: "Tests/Compatibility",
        exclude: ["plugin.c"], swiftSettings: strict),
    // Real workers and a plugin in C that does whatever a test asks, for the tests of Hosting.
    .target(
        name: "WorkerFixtures", dependencies: ["Hosting", "CHost", json, log], path: "Tests/WorkerFixtures",
        exclude: ["plugin.c", "core.c", "kept.c"], swiftSettings: strict),
    .testTarget(
        name: "SecurityTests",
        dependencies: ["Hosting", "WorkerSandbox", "WorkerFixtures", "CHost", "zos-shim", json, netlink, log],
        path: "Tests/Security", exclude: ["Hostile/Plugin"], swiftSettings: strict),
    // The example of docs/client.md.
    .executableTarget(
        name: "client-example", dependencies: ["Client", "Contracts", "Deployments", "RMB", "Signatures", json],
        path: "docs/examples/client", swiftSettings: strict),
    // A core for the recovery tests to kill.
    .executableTarget(
        name: "recovery-core", dependencies: ["Hosting", json], path: "Tests/Recovery/Core", swiftSettings: strict),
    // A whole node of real programs for the tests of promises.
    .target(
        name: "TestNode",
        dependencies: [
            "CLI", "Client", "Contracts", "Deployments", "Node", "RMB", "Signatures", "Hosting", "CHost", json, naming,
        ], path: "Tests/TestNode", swiftSettings: strict),
    .testTarget(
        name: "RecoveryTests",
        dependencies: [
            "Hosting", "Provisioning", "Node", "TestNode", "Client", "Contracts", "Deployments", "SQLite", "CLI", json,
        ],
        path: "Tests/Recovery",
        exclude: ["Core"],
        swiftSettings: strict),
    // Plugins that change while their workloads run.
    .testTarget(
        name: "UpgradeTests", dependencies: ["TestNode", "WorkerFixtures", "Node", "Client", json],
        path: "Tests/Upgrade",
        exclude: ["versioned.c"], swiftSettings: strict),
    // The bare costs that the benchmark compares with.
    .target(
        name: "Baseline", path: "Tests/Performance/Baseline", publicHeadersPath: "include",
        cSettings: [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])]),
    .executableTarget(
        name: "zos-bench",
        dependencies: [
            "Baseline", "Hosting", "Provisioning", "RMB", "Relay", "Chain", "Contracts", "Substrate", "Signatures",
            "Deployments", "SQLite", "CSodium", "CCrypto", "CHost", "ScriptedChain", "Images", "Unpacking",
            "ImageFixtures", "WorkerFixtures", json, naming,
            log,
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ], path: "Tests/Performance/Bench", swiftSettings: strict),
    .testTarget(
        name: "EndToEndTests",
        dependencies: [
            "TestNode", "Chain", "WorkerFixtures", "Node", "Client", "CLI", "Contracts", "Deployments", "Hosting",
            "RMB", "Schema", "Signatures", "Overlay", "CHost", "client-example", json,
        ], path: "Tests/EndToEnd",
        exclude: ["demo", "authoring"], swiftSettings: strict),
]
targets += [
    // One entry per decoder of strangers' bytes: replayed in the tests, and given to libFuzzer by `make fuzz`.
    .target(
        name: "FuzzTargets",
        dependencies: [
            "RMB", "Substrate", "Chain", "Contracts", "Deployments", "Schema", "Signatures", "Hosting", "Images",
            "Unpacking", "WorkerSandbox", "ImageFixtures", "TestVectors", json,
        ], path: "Tests/Fuzz/Targets", swiftSettings: strict),
    .testTarget(
        name: "FuzzReplayTests", dependencies: ["FuzzTargets", "TestVectors"], path: "Tests/Fuzz/Replay",
        swiftSettings: strict),
]
if isFuzzing {
    targets += [
        .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .executableTarget(
            name: "zos-fuzz", dependencies: ["FuzzTargets", "CFuzzer"], path: "Tests/Fuzz/Runner",
            swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-lclang_rt.fuzzer_no_main-x86_64", "-lstdc++"])]),
    ]
}
targets += part("SQLite", ["CSQLite"])
targets += part(
    "Signatures", ["CSodium", json, naming, addresses], resources: [.embedInCode("Keys/bip39-english.txt")])
targets += part("Schema", [json])
targets += part(
    "Deployments", ["CSodium", "Signatures", json, addresses, naming], resources: [.embedInCode("historic-types.json")])
targets += part("Versioning", ["Deployments", "Signatures", json, naming])
targets += part(
    "VectorRunner",
    ["Deployments", "Signatures", "Schema", "Versioning", "RMB", "Substrate", "Contracts", "Chain", json, naming])
targets += part(
    "Contracts", ["SQLite", "Signatures", "Deployments", "CSodium", "CHost", json, addresses, log],
    testDependencies: ["TestLedger"])
targets += part("Substrate", ["CSodium", "Signatures", json])
targets += part(
    "WebSockets", webSocket, testDependencies: [.product(name: "NIOEmbedded", package: "swift-nio")])
targets += part(
    "Chain", ["CChainMetadata", "Contracts", "Substrate", "Signatures", "WebSockets", json, log] + webSocket,
    testDependencies: ["ScriptedChain"])
targets += part(
    "RMB",
    [
        "Signatures", "CSodium", "CCrypto", "CSecp256k1", "CHost", "WebSockets", json, naming, log,
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
    ] + webSocket, exclude: ["Relay/Envelope/envelope.proto"])
targets += part(
    "Overlay", ["Hosting", "Signatures", "CHost", addresses, json, log], testDependencies: ["zos-shim"])
targets += part("Relay", ["RMB", "Contracts", "Signatures", "WebSockets", json, log] + webSocket)
targets += part(
    "Images",
    ["Unpacking", "CSQLite", "CSodium", "CCrypto", "CArchive", "CFetch", "CSnappy", "CHost", json],
    testDependencies: ["ImageFixtures"])
targets += part("Unpacking", [json])
targets += part(
    "Hosting",
    [
        "WorkerSandbox", "Unpacking", "CHost", "CSodium", "SQLite", "Schema", "Signatures", "Deployments", netlink,
        addresses, naming, abi, json, log,
    ], testDependencies: ["WorkerFixtures", "ImageFixtures", "zos-unpack"])
targets += part(
    "Provisioning", ["Deployments", "Versioning", "Contracts", "Signatures", "Hosting", "SQLite", json, log])
targets += part(
    "Node",
    [
        "Deployments", "Signatures", "Schema", "Versioning", "Chain", "Contracts", "RMB", "Provisioning", "Hosting",
        "Overlay",
        "SQLite",
        "WorkerSandbox",
        "CHost", "CCurl", json, naming, addresses, netlink, log, .product(name: "TOMLKit", package: "TOMLKit"),
    ] + nio, resources: [.embedInCode("System/node-facts.json")], testDependencies: ["TestLedger", "TestChain"])
targets += part(
    "Client", ["Deployments", "Signatures", "Schema", "Versioning", "Contracts", "RMB", json, log])
targets += part(
    "CLI",
    [
        "Client", "Node", "Hosting", "Deployments", "Signatures", "Schema", "Versioning", "VectorRunner", "Contracts",
        "RMB", "Relay", "Chain", "CHost", json, naming, addresses, netlink, pluginTesting, log,
        .product(name: "Yams", package: "Yams"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ])
targets += plugin("Network", "Plugins/network", uses: [netlink], tests: ["TestHost", "CHost"])
targets += plugin("ZMount", "Plugins/zmount")
targets += plugin("PublicIP", "Plugins/publicip", uses: [netlink], tests: ["TestHost", "CHost"])
targets += plugin("ZMachine", "Plugins/zmachine")
targets += plugin("Echo", "Samples/echo")
targets += plugin("Volume", "Samples/volume")

let package = Package(
    name: "zos",
    products: [
        .executable(name: "zosd", targets: ["zosd"]),
        .executable(name: "zos", targets: ["zos"]),
        .executable(name: "zos-shim", targets: ["zos-shim"]),
        .executable(name: "zos-worker", targets: ["zos-worker"]),
        .executable(name: "zos-unpack", targets: ["zos-unpack"]),
        .library(name: "Client", targets: ["Client", "Contracts", "Deployments", "RMB", "Signatures"]),
        .library(name: "plugin-network", type: .dynamic, targets: ["NetworkExport"]),
        .library(name: "plugin-zmount", type: .dynamic, targets: ["ZMountExport"]),
        .library(name: "plugin-publicip", type: .dynamic, targets: ["PublicIPExport"]),
        .library(name: "plugin-zmachine", type: .dynamic, targets: ["ZMachineExport"]),
        .library(name: "plugin-echo", type: .dynamic, targets: ["EchoExport"]),
        .library(name: "plugin-volume", type: .dynamic, targets: ["VolumeExport"]),
    ],
    dependencies: [
        .package(path: "PluginSDK"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: targets,
    swiftLanguageModes: [.v6]
)
