import ArgumentParser
import Client
import JSON

/// `zos node [PART]`.
struct NodeCommand: SessionCommand {
    /// What can be asked.
    enum Part: String, ExpressibleByArgument, CaseIterable {
        case version, statistics, pools, ports
        case publicConfig = "public-config"
        case interfaces, features, hypervisor, diagnostics, performance, gpus, location, metrics

        var command: String {
            switch self {
            case .version: "zos.system.version"
            case .statistics: "zos.statistics.get"
            case .pools: "zos.storage.pools"
            case .ports: "zos.network.list_wg_ports"
            case .publicConfig: "zos.network.public_config_get"
            case .interfaces: "zos.network.interfaces"
            case .features: "zos.system.node_features_get"
            case .hypervisor: "zos.system.hypervisor"
            case .diagnostics: "zos.system.diagnostics"
            case .performance: "zos.perf.get_all"
            case .gpus: "zos.gpu.list"
            case .location: "zos.location.get"
            case .metrics: "zos.admin.metrics"
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Ask the node about itself.",
        discussion: "Parts: " + Part.allCases.map(\.rawValue).joined(separator: ", ")
            + ". All but the metrics unless one is named.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "A node of a network") var grid: GridOptions
    @Argument(help: "What to show.")
    var part: Part?

    /// Where free ports are looked for: above the system's, below the ones that outgoing connections use.
    private static let portRange: ClosedRange<UInt64> = 2_000...32_767

    func execute(with session: Session) async throws {
        if part == .metrics {
            let answer = try await answer(.metrics, session)
            return global.output.result(answer, text: answer["text"]?.stringValue ?? "")
        }
        var answers = JSONObject()
        for part in part.map({ [$0] }) ?? Part.allCases.filter({ $0 != .metrics }) {
            do {
                answers[part.rawValue] = try await answer(part, session)
            } catch {
                // One part that the node does not have must not hide the others.
                guard self.part == nil, error.code == .refused else { throw error }
                answers[part.rawValue] = ["error": .string(error.message)]
            }
        }
        let rows = answers.members.map { [$0.key, $0.value.text] }
        global.output.result(.object(answers), text: Output.table(rows))
    }

    private func answer(_ part: Part, _ session: Session) async throws(ClientError) -> JSONValue {
        let value = try await session.client.call(part.command)
        guard part == .ports else { return value }
        let taken = (value.arrayValue ?? []).compactMap(\.uint64Value)
        let free = Self.portRange.first { !taken.contains($0) }
        return [
            "taken": .array(taken.map { .number(JSONNumber($0)) }),
            "free": free.map { .number(JSONNumber($0)) } ?? .null,
        ]
    }
}
