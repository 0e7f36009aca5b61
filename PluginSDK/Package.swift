// swift-tools-version: 6.2
// Everything that an author of a workload type needs. No dependencies, no Foundation, no unsafe flags (but when it is fuzzed).
import PackageDescription

let isFuzzing = Context.environment["ZOS_FUZZ"] != nil
let strict: [SwiftSetting] =
    [.treatAllWarnings(as: .error)] + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer"])] : [])

let package = Package(
    name: "PluginSDK",
    products: [
        .library(name: "PluginABI", targets: ["PluginABI"]),
        .library(name: "JSON", targets: ["JSON"]),
        .library(name: "Addresses", targets: ["Addresses"]),
        .library(name: "Naming", targets: ["Naming"]),
        .library(name: "Netlink", targets: ["Netlink"]),
        .library(name: "PluginSDK", targets: ["PluginSDK"]),
        .library(name: "PluginTesting", targets: ["PluginTesting"]),
    ],
    targets: [
        .target(name: "PluginABI", path: "ABI", exclude: ["plugin.map", "released"]),
        .target(name: "JSON", path: "JSON", swiftSettings: strict),
        .target(name: "Addresses", path: "Addresses", swiftSettings: strict),
        .target(name: "Naming", dependencies: ["Addresses"], path: "Naming", swiftSettings: strict),
        .target(name: "Netlink", dependencies: ["Addresses"], path: "Netlink", swiftSettings: strict),
        .target(name: "PluginSDK", dependencies: ["PluginABI", "JSON"], path: "Swift", swiftSettings: strict),
        .target(
            name: "PluginTesting", dependencies: ["PluginSDK", "JSON"], path: "Testing", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
