import Foundation
import FuzzTargets
import TestVectors
import Testing

/// What the fuzzer began from and once found, and inputs made out of that, through every decoder of strangers' bytes.
/// `make fuzz` looks for new ones.
@Suite("Fuzz replay", .serialized)
struct FuzzReplayTests {
    private static let seed: UInt64 = 20_260_301
    /// Processor time for one input, in a build that checks everything. `make fuzz` allows one second, in the build that ships.
    private static let patience = 5.0
    private static let memory = 1 << 30
    /// Mutated inputs of a target, and bytes of them.
    private static let count = 400
    private static let bytes = 2 << 20

    @Test(
        "no input of strangers crashes a decoder, holds it up or fills the memory",
        arguments: FuzzTarget.all.map(\.name))
    func replay(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let seeds = try target.seeds()
        #expect(!seeds.isEmpty, "there is nothing to begin from")
        let before = Self.peakMemory()
        for input in try seeds + Self.findings(name) { check(input, target) }
        var mutation = FuzzMutation(seed: Self.seed)
        var bytes = 0
        for _ in 0..<Self.count where bytes < Self.bytes {
            let input = mutation.mutate(
                seeds[mutation.below(seeds.count)], with: seeds[mutation.below(seeds.count)], maxBytes: target.maxBytes)
            bytes += input.count
            check(input, target)
        }
        #expect(Self.peakMemory() - before < Self.memory)
    }

    private func check(_ input: [UInt8], _ target: FuzzTarget) {
        let start = Self.processorTime()
        let problem = target.run(input)
        let spent = Self.processorTime() - start
        #expect(problem == nil, "\(target.name), seed \(Self.seed): \(Data(input.prefix(4096)).base64EncodedString())")
        #expect(
            spent < Self.patience,
            "\(target.name), \(spent) s, seed \(Self.seed): \(Data(input.prefix(4096)).base64EncodedString())")
    }

    /// Inputs that once did harm: `Tests/Fuzz/Findings/<target>/`.
    private static func findings(_ name: String) throws -> [[UInt8]] {
        let folder = VectorFile.folder.deletingLastPathComponent().appending(path: "Fuzz/Findings/\(name)")
        guard FileManager.default.fileExists(atPath: folder.path(percentEncoded: false)) else { return [] }
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .map { Array(try Data(contentsOf: $0)) }
    }

    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func peakMemory() -> Int {
        var usage = rusage()
        getrusage(numericCast(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    }
}
