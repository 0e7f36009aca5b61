import Baseline
import Foundation
import JSON

/// Provisioning a network through its sandboxed plugin and the node's brokers, against the same steps by programs.
enum NetworkMeasure {
    private static let rounds = 10

    static func take() throws -> [Measurement] {
        // What is made lives in namespaces that end with the process.
        let text = try Program.run(
            ["unshare", "--net", "--mount", "--propagation", "private", Program.own, "--role", "network"])
        let figures = try JSONValue(parsing: text)
        func milliseconds(_ name: String) throws -> Double {
            guard let value = figures[name]?.int64Value else { throw BenchError("no figure \(name) in \(text)") }
            return Double(value).milliseconds
        }
        let (ours, forked) = (try milliseconds("provision"), try milliseconds("forked"))
        let services = try (figures["services"]?.objectValue?.members ?? []).map { member in
            Measurement.Figure(
                "of it in \(member.key)", Double(try value(member)).milliseconds, "ms")
        }
        return [
            Measurement(
                name: "network provision",
                meaning: "plugin, brokers and companion ÷ the same by forking ip, nft and wg",
                ratio: ours / forked, aim: .atMost(0.1),
                figures: [
                    .init("provision, p50", ours, "ms"), .init("forked programs, p50", forked, "ms"),
                    .init("of them wireguard-go until its socket is there", try milliseconds("tunnel"), "ms"),
                ] + services)
        ]
    }

    private static func value(_ member: JSONMember) throws -> Int64 {
        guard let value = member.value.int64Value else { throw BenchError("\(member.key) is no duration") }
        return value
    }

    /// Inside the namespaces: prints the figures.
    static func print() async throws {
        for words in [["mount", "-t", "tmpfs", "none", "/run"], ["ip", "link", "set", "lo", "up"]] {
            try Program.execute(words)
        }
        let figures = try await TemporaryFolder.with("network") { folder -> JSONObject in
            var figures = try await NetworkNode.measure(folder, rounds: rounds)
            let (all, tunnel) = try ForkedNetwork.measure(folder, rounds: rounds)
            figures["forked"] = .number(JSONNumber(Int64(all.median)))
            figures["tunnel"] = .number(JSONNumber(Int64(tunnel.median)))
            return figures
        }
        Swift.print(JSONValue.object(figures).text)
    }
}
