// swift-tools-version: 6.2
import PackageDescription

let sdk = "__sdk__"

let package = Package(
    name: "__type__",
    products: [.library(name: "plugin", type: .dynamic, targets: ["__Type__Plugin"])],
    dependencies: [.package(name: "PluginSDK", path: sdk)],
    targets: [
        .target(name: "__Type__Plugin", dependencies: [.product(name: "PluginSDK", package: "PluginSDK")]),
        .testTarget(
            name: "__Type__PluginTests",
            dependencies: ["__Type__Plugin", .product(name: "PluginTesting", package: "PluginSDK")]),
    ],
    swiftLanguageModes: [.v6]
)
