import Client
import Deployments
import Foundation
import JSON
import Synchronization

/// Shows how workloads come up: a line per workload that is rewritten in place on a terminal, else a line per change.
final class WorkloadProgress: Sendable {
    private struct Screen {
        var names: [String] = []
        var lines: [String: String] = [:]
        var drawn = 0
    }

    private let output: Output
    private let isTerminal: Bool
    private let screen = Mutex(Screen())

    init(_ output: Output) {
        self.output = output
        isTerminal = isatty(1) == 1
    }

    func show(_ event: DeploymentBuilder.Event) {
        guard !output.isJSON else { return }
        switch event {
        case .validated(let hash): output.note("checked, hash \(hash)")
        case .contractCreated(let contract): output.note("contract \(contract) made")
        case .contractUpdated(let contract): output.note("contract \(contract) has the new hash")
        case .accepted(let contract, let version):
            output.note("contract \(contract): version \(version) accepted by the node")
        case .changed(let entry): show(entry)
        case .contractCancelled(let contract): output.note("contract \(contract) cancelled")
        }
    }

    private func show(_ entry: Workload) {
        let state = entry.result.state == .initial ? "working" : entry.result.state.rawValue
        let mark = entry.result.state == .ok ? "✓" : entry.result.state == .error ? "✗" : "·"
        let message = entry.result.message.isEmpty ? "" : "  \(entry.result.message)"
        let line = "\(mark) \(entry.name) (\(entry.type))  \(state)\(message)"
        guard isTerminal else { return output.note(line) }
        let text = screen.withLock { screen in
            if screen.lines.updateValue(line, forKey: entry.name) == nil { screen.names.append(entry.name) }
            var text = screen.drawn > 0 ? "\u{1b}[\(screen.drawn)A" : ""
            for name in screen.names { text += "\u{1b}[2K\(screen.lines[name] ?? "")\n" }
            screen.drawn = screen.names.count
            return text
        }
        print(text, terminator: "")
        fflush(nil)
    }
}
