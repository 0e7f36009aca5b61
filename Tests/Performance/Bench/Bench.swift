import ArgumentParser
import Baseline
import Foundation
import JSON

/// `zos-bench`: ratios of the product to the least that the same work costs, all measured in one run.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zos-bench",
        abstract: "Measure the node against the bare cost of the same work. Needs root and an otherwise idle machine.")

    @Flag(help: "Print one JSON object.")
    var json = false
    @Option(help: "Only these, separated by commas: \(Measure.allCases.map(\.rawValue).joined(separator: ", ")).")
    var only: String?
    @Option(help: .hidden)
    var role: String?
    @Argument(help: "The same without the option and the commas.")
    var words: [String] = []

    func run() async throws {
        if let role { return try await play(role) }
        let measures = try chosen()
        var results: [Measurement] = []
        var failures: [String] = []
        for measure in measures {
            note("\(measure.rawValue) …")
            do {
                results += try await measure.take()
            } catch {
                failures.append("\(measure.rawValue): \(error)")
            }
        }
        report(results, failures)
        guard failures.isEmpty else { throw ExitCode.failure }
    }

    private func chosen() throws -> [Measure] {
        let names = words + (only?.split(separator: ",").map { String($0) } ?? [])
        guard !names.isEmpty else { return Measure.allCases }
        return try names.map { name in
            guard let measure = Measure(rawValue: name) else {
                throw ValidationError("there is no measure '\(name)'")
            }
            return measure
        }
    }

    /// What runs in a process of its own.
    private func play(_ role: String) async throws {
        switch role {
        case "bus": try await BusServer.serve()
        case "calls": try await CallMeasure.print()
        case "network": try await NetworkMeasure.print()
        case "pipeline": try await PipelineMeasure.print()
        case "relay": try await RelayPeers.serveRelay()
        case "relay-node": try await RelayPeers.serveNode()
        case "probe": try HTTPProbe.wait(for: words)
        default: throw ValidationError("there is no role '\(role)'")
        }
    }

    private func report(_ results: [Measurement], _ failures: [String]) {
        var load = [0.0, 0.0, 0.0]
        getloadavg(&load, 3)
        let average = load.map { String(format: "%.2f", $0) }
        guard !json else {
            let all: JSONValue = [
                "load_average": .array(average.map { .string($0) }),
                "cores": .number(JSONNumber(ProcessInfo.processInfo.activeProcessorCount)),
                "measures": .array(results.map(\.json)), "failures": .array(failures.map { .string($0) }),
            ]
            return Swift.print(all.text)
        }
        Swift.print(Measurement.header)
        for result in results { Swift.print(result.lines.joined(separator: "\n")) }
        Swift.print("load average at the end: \(average.joined(separator: " "))")
        for failure in failures { note("not measured: \(failure)") }
    }

    private func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}

/// What can be measured.
enum Measure: String, CaseIterable {
    case bus, relay, chain, calls, pipeline, accept, workloads, network, unpack, boot, start, memory, events

    func take() async throws -> [Measurement] {
        switch self {
        case .bus: try await BusMeasure.take()
        case .relay: try await RelayMeasure.take()
        case .chain: try await ChainMeasure.take()
        case .calls: try CallMeasure.take()
        case .pipeline: try PipelineMeasure.take()
        case .accept: try await AcceptMeasure.take()
        case .workloads: try await WorkloadMeasure.take()
        case .network: try NetworkMeasure.take()
        case .unpack: try await UnpackMeasure.take()
        case .boot: try await BootMeasure.take()
        case .start: try await StartMeasure.take()
        case .memory: try await MemoryMeasure.take()
        case .events: try await EventsMeasure.take()
        }
    }
}
