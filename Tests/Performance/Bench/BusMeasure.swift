import Baseline
import CSodium
import Foundation
import JSON
import RMB
import Signatures

/// Processor time of the bus per request that it verified, answered, and replied to, against one verification and one
/// signature by libsodium of the same 16 bytes.
enum BusMeasure {
    private static let callers = 16
    private static let warmUp = 2_000
    private static let count = 12_000
    private static let payload: JSONValue = ["contract_id": 12, "name": "net"]

    static func take() async throws -> [Measurement] {
        let bare = try cryptography()
        let (request, http, throughput) = try await TemporaryFolder.with("bus") { try await load($0) }
        return [
            Measurement(
                name: "RMB request", meaning: "server CPU per verified and answered request ÷ ed25519 verify + sign",
                ratio: request / bare.total, aim: .atMost(2),
                figures: [
                    .init("server CPU per request, reply sent to the caller", request.microseconds, "µs"),
                    .init("one verification", bare.verify.microseconds, "µs"),
                    .init("one signature", bare.sign.microseconds, "µs"),
                    .init("server CPU per bare HTTP exchange (404)", http.microseconds, "µs"),
                    .init("requests per second, \(callers) callers beside it", throughput, "/s"),
                ])
        ]
    }

    private static func cryptography() throws -> (verify: Double, sign: Double, total: Double) {
        let rounds = 5_000
        var (open, secret) = ([UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 64))
        var signature = [UInt8](repeating: 0, count: 64)
        let message = [UInt8](repeating: 7, count: 16)
        guard sodium_init() >= 0, crypto_sign_keypair(&open, &secret) == 0 else { throw BenchError("no libsodium") }
        let started = bench_cpu_time(getpid())
        for _ in 0..<rounds { crypto_sign_detached(&signature, nil, message, 16, secret) }
        let signed = bench_cpu_time(getpid())
        for _ in 0..<rounds where crypto_sign_verify_detached(signature, message, 16, open) != 0 {
            throw BenchError("libsodium refuses its own signature")
        }
        let verified = bench_cpu_time(getpid())
        let (sign, verify) = (Double(signed - started) / Double(rounds), Double(verified - signed) / Double(rounds))
        return (verify, sign, verify + sign)
    }

    private static func load(_ folder: String) async throws -> (request: Double, http: Double, throughput: Double) {
        let identity = RMBIdentity(twin: BusServer.callerTwin, key: try BusServer.key(of: BusServer.callerTwin))
        var services = RMBServer.Services(
            identity: identity, keys: try BusServer.keys(), addresses: FixedTwinAddresses([:]), router: Router(),
            replayGuard: try ReplayGuard(volatileCapacity: 1 << 17))
        let own = RMBServer(configuration: BusServer.configuration, services: services)
        guard let port = try await own.listen().first?.port else { throw BenchError("no listener") }
        let running = Task { await own.run() }
        let server = try BusProcess(replyPort: port, folder: folder)
        defer { server.end() }
        services.addresses = FixedTwinAddresses([BusServer.twin: PeerAddress(host: "127.0.0.1", port: server.port)])
        let caller = DirectCaller(
            identity: identity, addresses: services.addresses, connections: services.connections,
            backlog: services.backlog)
        try await call(caller, times: warmUp)
        let (before, started) = (server.processorTime, bench_now())
        try await call(caller, times: count)
        let request = Double(server.processorTime - before) / Double(count)
        let throughput = Double(count) / (Double(bench_now() - started) / 1e9)
        let http = try bareExchanges(with: server)
        running.cancel()
        await running.value
        await services.connections.close()
        return (request, http, throughput)
    }

    private static func call(_ caller: DirectCaller, times: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<callers {
                group.addTask {
                    for _ in 0..<(times / callers) {
                        let answer = try await caller.call(BusServer.command, at: BusServer.twin, payload: payload)
                        guard answer == payload else { throw BenchError("the bus answered \(answer.text)") }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func bareExchanges(with server: BusProcess) throws -> Double {
        let rounds = 4_000
        let connection = try HTTPProbe.connect(to: "127.0.0.1", port: UInt16(clamping: server.port), patience: 5)
        defer { close(connection) }
        let body = String(repeating: "x", count: 400)
        let request = "POST /nothing HTTP/1.1\r\nHost: bench\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        func exchange() throws {
            guard let answer = HTTPProbe.exchange(request, over: connection), answer.hasPrefix("HTTP/1.1 404") else {
                throw BenchError("the bus does not answer a bare exchange")
            }
        }
        for _ in 0..<500 { try exchange() }
        let before = server.processorTime
        for _ in 0..<rounds { try exchange() }
        return Double(server.processorTime - before) / Double(rounds)
    }
}

/// The process of `BusServer`.
private final class BusProcess {
    private let process = Process()
    private let input = Pipe()
    let port: Int

    init(replyPort: Int, folder: String) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: Program.own)
        process.arguments = ["--role", "bus"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        input.fileHandleForWriting.write(Data("\(replyPort)\n\(folder)\n".utf8))
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.filter(\.isNumber)) else { throw BenchError("the bus did not start") }
        self.port = port
    }

    var processorTime: Int64 { bench_cpu_time(process.processIdentifier) }

    func end() {
        try? input.fileHandleForWriting.close()  // Closed already is as good.
        process.waitUntilExit()
    }
}
