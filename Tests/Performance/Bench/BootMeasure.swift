import Baseline
import Foundation
import JSON

/// From `zos deploy` to the machine's first answer over HTTP, against bare QEMU with the same kernel, boot archive, root
/// and devices.
enum BootMeasure {
    private static let rounds = 2

    static func take() async throws -> [Measurement] {
        try await TemporaryFolder.with("boot") { folder in
            let node = try await BootNode(folder + "/state")
            var (deploys, settled, bares): ([UInt64], [UInt64], [UInt64]) = ([], [], [])
            do {
                for round in 0..<rounds {
                    let (answer, ok, machine) = try await node.deploy(copyingTo: "\(folder)/machine\(round)")
                    deploys.append(answer)
                    settled.append(ok)
                    bares.append(try await machine.boot())
                }
                try node.remove()
            } catch {
                try? node.remove()  // The first failure is the one to tell.
                throw error
            }
            let (deploy, bare) = (Samples(deploys).best, Samples(bares).best)
            return [
                Measurement(
                    name: "machine boot", meaning: "zos deploy to first HTTP answer ÷ bare QEMU with the same machine",
                    ratio: deploy / bare, aim: .atMost(1.15),
                    figures: [
                        .init("deploy to first HTTP answer, best of \(rounds)", deploy.milliseconds, "ms"),
                        .init("deploy until the command says ok", Samples(settled).best.milliseconds, "ms"),
                        .init("virtiofsd and QEMU to first HTTP answer, best of \(rounds)", bare.milliseconds, "ms"),
                    ])
            ]
        }
    }
}
