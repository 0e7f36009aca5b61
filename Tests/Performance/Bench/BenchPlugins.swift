import Foundation
import Hosting
import Signatures
import WorkerFixtures

/// The plugins that are measured: the least one in C, and the sample in Swift as this build made it.
enum BenchPlugins {
    /// Answers every request with its own payload (`Tests/Performance/Plugin/pass.c`).
    static func pass() throws -> WorkerPlan {
        let object = try TestObject.compile(
            [Program.repository + "/Tests/Performance/Plugin/pass.c"], ["-shared", "-fPIC", "-O2"])
        return WorkerPlan(
            plugin: "bench.pass", version: "1.0.0", object: object, policy: SandboxPolicy(),
            identity: .user(WorkerBench.user()))
    }

    /// The sample `echo`, packed, signed and verified like any other.
    static func echo(in folder: String) throws -> PluginPackage {
        let key = MinisignSecretKey.generate()
        let package = folder + "/echo"
        try PackageWriter(key: key).pack(
            source: Program.repository + "/Samples/echo", object: Program.folder + "/libplugin-echo.so", into: package)
        let abi = WorkerLauncher.spokenABI
        return try PluginPackage.verify(
            folder: package, trust: TrustPolicy(trusting: key.publicKey, name: "bench"),
            abi: (abi.min() ?? 1)...(abi.max() ?? 1))
    }

    /// A worker for a package, of its own user and in its own control group.
    ///
    /// - Parameters:
    ///   - slot: tells workers of one plugin apart.
    ///   - calls: requests that it has at a time, instead of the manifest's.
    static func plan(_ package: PluginPackage, slot: String = "", calls: Int? = nil) -> WorkerPlan {
        let manifest = package.manifest
        var plan = WorkerPlan(
            plugin: manifest.id, version: "\(manifest.version)", object: package.object, policy: manifest.sandbox,
            identity: .user(WorkerBench.user()), limits: WorkerLimits(manifest.limits))
        if let calls { plan.limits.calls = calls }
        plan.slot = slot
        return plan
    }
}
