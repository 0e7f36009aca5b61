import CHost
import Glibc
import Hosting
import JSON
import Netlink
import Synchronization

/// `iperf`: how fast this machine moves TCP and UDP between two network namespaces that are made for it and go with it.
/// Nobody else is asked, so it says nothing about the line to the internet: it bounds what workloads can get from each other.
struct NetworkBenchmark: PerformanceTask {
    let name = "iperf"
    let description = "Measures traffic between network namespaces of the node"
    let schedule = PerformanceSchedule(period: 6 * 3600, jitter: 20 * 60)

    /// How long each of the four transfers lasts.
    let span: Duration

    init(span: Duration = .milliseconds(500)) { self.span = span }

    func run() async throws -> JSONValue {
        let link: BenchmarkLink
        do {
            link = try await OwnThread.run { try BenchmarkLink() }
        } catch {
            return .array([Self.entry(.failed("tcp", "\(error)"))])
        }
        var entries: [JSONValue] = []
        for kind in BenchmarkLink.Kind.allCases {
            try Task.checkCancellation()
            entries.append(Self.entry(await measure(kind, link)))
        }
        return .array(entries)
    }

    private struct Outcome {
        let kind: String
        var upload = BenchmarkTransfer.Figures()
        var download = BenchmarkTransfer.Figures()
        var error = ""

        static func failed(_ kind: String, _ error: String) -> Outcome { Outcome(kind: kind, error: error) }
    }

    private func measure(_ kind: BenchmarkLink.Kind, _ link: BenchmarkLink) async -> Outcome {
        do {
            let up = try await transfer(kind, link, from: .near)
            let down = try await transfer(kind, link, from: .far)
            return Outcome(kind: kind.rawValue, upload: up, download: down)
        } catch {
            return .failed(kind.rawValue, "\(error)")
        }
    }

    /// Sender and receiver on a thread each.
    private func transfer(
        _ kind: BenchmarkLink.Kind, _ link: BenchmarkLink, from end: BenchmarkLink.End
    ) async throws -> BenchmarkTransfer.Figures {
        let span = span
        let pair = try await OwnThread.run { try link.connect(kind, from: end) }
        async let received = OwnThread.run { BenchmarkTransfer.receive(pair.receiver.number, for: span) }
        async let sent = OwnThread.run {
            BenchmarkTransfer.send(pair.sender.number, datagrams: kind == .udp, for: span)
        }
        var figures = try await received
        figures.sender = try await sent
        return figures
    }

    private static func entry(_ outcome: Outcome) -> JSONValue {
        func number(_ value: Double) -> JSONValue { .number(JSONNumber(uncheckedText: Decimals.text(value))) }
        let (host, remote) = (outcome.upload.sender, outcome.upload.receiver)
        return [
            "upload_speed": number(outcome.upload.bitsPerSecond),
            "download_speed": number(outcome.download.bitsPerSecond), "server_host": "namespace",
            "server_ip": .string(BenchmarkLink.End.far.address), "server_port": .number(JSONNumber(BenchmarkLink.port)),
            "test_type": .string(outcome.kind), "error": .string(outcome.error),
            "cpu_report": [
                "host_total": number(host.user + host.system), "host_user": number(host.user),
                "host_system": number(host.system), "remote_total": number(remote.user + remote.system),
                "remote_user": number(remote.user), "remote_system": number(remote.system),
            ],
        ]
    }
}
