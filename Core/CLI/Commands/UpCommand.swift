import ArgumentParser
import Client
import Foundation
import JSON

/// `zos up`.
struct UpCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start a development node: ledger, identity, farm, twins and networks of its own.",
        discussion: "Needs root. A node that was stopped goes on with what it had. 'zos down' stops it.")

    @OptionGroup var global: GlobalOptions
    @Option(help: "Folder with plugin folders; the build's own unless given.")
    var plugins: String?
    @Option(name: .customLong("root"), help: "A folder whose content may be the root of machines; may be repeated.")
    var roots: [String] = []
    @Option(help: "Bytes that the node's pool may hold; 0: what the file system has.")
    var poolSize: UInt64 = 0
    @Option(help: "Bytes of memory that the node keeps for itself.")
    var memoryReserve: UInt64?
    @Option(
        help: ArgumentHelp(
            "Port of 127.0.0.1 on which the ledger answers clients of Substrate chains; 0: any that is free.",
            valueName: "port"))
    var ledgerRPC: UInt16?
    @Option(help: "State folder of another development node, whose ledger, farm and users this one is to share.")
    var join: String?
    @Option(help: "A TOML file that is added to the node's configuration, such as [yggdrasil].")
    var extra: String?
    @Flag(help: ArgumentHelp("Let administrators hold operations, for tests of plugins.", visibility: .hidden))
    var unsafeFaults = false
    @Flag(help: "For authors: let plugins go on after a forbidden call and list what they try ('zos plugin trace').")
    var unsafeTracePlugins = false
    @Option(help: ArgumentHelp("Milliseconds between blocks.", visibility: .hidden))
    var blockTime: UInt64 = 250
    @Option(help: "Seconds to wait until the node answers.")
    var timeout = 60

    func execute() async throws {
        let location = global.location
        let folder = DevelopmentFolder(path: location.path)
        let known = try? location.node()  // None yet on the first start.
        if let process = known?.process.map(NodeProcess.init), process.isNode(of: folder.path) {
            throw CommandError(.invalid, "the node of \(folder.path) runs already (process \(process.id))")
        }
        guard geteuid() == 0 else {
            throw CommandError(.failed, "a node needs root: it makes namespaces and mounts", hint: "use sudo")
        }
        let executable = try ProgramPath.own()
        let source =
            plugins
            ?? DevelopmentPlugins.builtFolder(
                executable: executable, environment: ProcessInfo.processInfo.environment)
        var wishes = wishes
        // One that joined once stays with that ledger.
        let joined = known.flatMap { $0.ledger == folder.folders.ledgerSocket ? nil : $0 }
        let first = try join.map { try StateLocation(option: $0, environment: [:]).node() } ?? joined
        wishes.ledger = first?.ledger
        if let extra { wishes.extra = try ExtraConfiguration(path: extra) }
        wishes.companions = DevelopmentCompanions(source: source, installed: InstalledPlugins(location)).lines
        try folder.prepare(wishes)
        try DevelopmentNetwork(folder: folder.namespaces).make()
        let outcomes = try DevelopmentPlugins(folder: folder).install(from: source)
        for outcome in outcomes where outcome.refusal != nil {
            global.output.note("plugin \(outcome.name) refused: \(outcome.refusal ?? "")")
        }
        let node = try await start(folder, executable, known, sharing: first)
        try await waitUntilReady(node, folder)
        report(node, folder, outcomes, source)
    }

    private var wishes: DevelopmentFolder.Wishes {
        var wishes = DevelopmentFolder.Wishes()
        wishes.roots = roots.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
        wishes.poolSize = poolSize
        wishes.memoryReserve = memoryReserve
        wishes.unsafeFaults = unsafeFaults
        wishes.unsafeTrace = unsafeTracePlugins
        wishes.blockTime = blockTime
        return wishes
    }

    /// Where the ledger answers as a chain: outside the node's namespace, so that everything on this machine reaches it.
    private func ledgerDoor() throws -> (descriptor: Int32, port: UInt16)? {
        guard let wanted = ledgerRPC else { return nil }
        let door = try LoopbackSocket.listen(port: wanted)
        guard wanted == 0 || door.port == wanted else {
            close(door.descriptor)
            throw CommandError(
                .failed, "port \(wanted) of 127.0.0.1 is taken", hint: "give --ledger-rpc another one, or 0")
        }
        return door
    }

    private func start(
        _ folder: DevelopmentFolder, _ executable: String, _ known: DevelopmentNode?, sharing first: DevelopmentNode?
    ) async throws -> DevelopmentNode {
        let port = known.flatMap { URL(string: $0.rmb)?.port }.flatMap(UInt16.init(exactly:)) ?? 0
        let listener = try LoopbackSocket.listen(port: port)
        defer { close(listener.descriptor) }
        let door = try ledgerDoor()
        defer { if let door { close(door.descriptor) } }
        let program = URL(fileURLWithPath: executable).deletingLastPathComponent().appendingPathComponent("zosd").path
        var arguments = [
            "--state", folder.path, "--run", folder.run, "--config", folder.configuration, "--listen-descriptor", "3",
        ]
        if door != nil { arguments += ["--ledger-descriptor", "4"] }
        let process = try NodeProcess.start(
            program: program, arguments: arguments, namespace: folder.namespaces + "/host",
            listeners: [listener.descriptor] + (door.map { [$0.descriptor] } ?? []), log: folder.log)
        let rmb = "http://127.0.0.1:\(listener.port)"
        var node = folder.describe(
            rmb: rmb, process: process.id, chain: door.map { "ws://127.0.0.1:\($0.port)" })
        if let first {
            let registered = try await SharedLedger(node: first).registration(
                of: try folder.account(), by: process, patience: .seconds(timeout))
            node = first.neighbour(
                twin: registered.twin, node: registered.node, rmb: rmb, namespaces: folder.namespaces,
                process: process.id)
        }
        let text = try JSONValue(encoding: node).text + "\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: global.location.file), options: .atomic)
        chmod(global.location.file, 0o600)
        return node
    }

    private func waitUntilReady(_ node: DevelopmentNode, _ folder: DevelopmentFolder) async throws {
        let client = try Session(global.location, user: nil, patience: .seconds(2)).client
        let process = NodeProcess(id: node.process ?? 0)
        let end = ContinuousClock.now + .seconds(timeout)
        while true {
            if process.hasEnded {
                throw CommandError(
                    .failed, "the node ended: \(Self.lastLine(of: folder.log))", hint: "its log is \(folder.log)")
            }
            do {
                _ = try await client.version()
                return
            } catch {
                guard ContinuousClock.now < end else {
                    throw CommandError(
                        .timedOut, "the node does not answer: \(error.message)", hint: "its log is \(folder.log)")
                }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func report(
        _ node: DevelopmentNode, _ folder: DevelopmentFolder, _ outcomes: [DevelopmentPlugins.Outcome], _ source: String
    ) {
        let installed = outcomes.filter { $0.refusal == nil }.map(\.name)
        let chain = node.chain.map { "\nits ledger answers as a chain at \($0)" } ?? ""
        let option = global.state == nil ? "" : " --state \(folder.path)"
        global.output.result(
            [
                "state": .string(folder.path), "rmb": .string(node.rmb), "node_id": .number(JSONNumber(node.nodeID)),
                "process": .number(JSONNumber(node.process ?? 0)),
                "chain": node.chain.map(JSONValue.string) ?? .null,
                "plugins": .array(installed.map { .string($0) }),
                "refused": .array(
                    outcomes.compactMap { outcome in
                        outcome.refusal.map { ["plugin": .string(outcome.name), "reason": .string($0)] }
                    }),
            ],
            text: """
                node \(node.nodeID) of farm \(node.farm) is up, process \(node.process ?? 0), log \(folder.log)
                plugins: \(installed.isEmpty ? "none in \(source)" : installed.joined(separator: ", "))\(chain)
                try:
                  zos types\(option)
                  zos deploy\(option) -f FILE
                  zos down\(option)
                """)
    }

    private static func lastLine(of log: String) -> String {
        guard let bytes = FileManager.default.contents(atPath: log) else { return "without a word" }
        let lines = bytes.suffix(4096).split(separator: UInt8(ascii: "\n"))
        return lines.last.map { String(decoding: $0, as: UTF8.self) } ?? "without a word"
    }
}
