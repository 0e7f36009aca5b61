import ArgumentParser
import Dispatch
import Glibc
import Logging
import Node

/// The node. Started once, it is autonomous; its API is the message bus.
@main
struct ZosDaemon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zosd", abstract: "Runs a grid node.",
        discussion:
            "Without a configuration file the defaults apply. SIGTERM ends the node and leaves workloads running.",
        version: NodeVersion.text)

    @Option(help: "The configuration, a TOML file.")
    var config: String?

    @Option(help: "The folder for what must not be lost; overrides the configuration.")
    var state: String?

    @Option(
        name: .customLong("run"),
        help: "The folder for sockets, companions and namespaces; overrides the configuration.")
    var runFolder: String?

    @Option(help: "A socket that listens already, by its descriptor's number; instead of configured addresses.")
    var listenDescriptor: Int32?

    @Option(
        help: ArgumentHelp(
            "A socket that listens already, on which the embedded ledger answers as a chain.", visibility: .hidden))
    var ledgerDescriptor: Int32?

    func run() async throws {
        var configuration = NodeConfiguration()
        do {
            if let path = config {
                guard let text = TextFile.read(path) else {
                    throw NodeError(.badConfiguration, "\(path) cannot be read", hint: "give another with --config")
                }
                configuration = try NodeConfiguration(toml: text)
            }
            configuration.folders = StateFolder(
                state: state ?? configuration.folders.state, run: runFolder ?? configuration.folders.run)
            if let ledgerDescriptor {
                // It is for this program, not for those that it starts.
                _ = fcntl(ledgerDescriptor, F_SETFD, FD_CLOEXEC)
                configuration.ledgerRPC = .descriptor(ledgerDescriptor)
            }
            let level = configuration.logLevel
            LoggingSystem.bootstrap { JSONLogHandler(label: $0, level: level) }
            try await serve(configuration)
        } catch let error as NodeError {
            let line = Array("zosd: \(error)\n".utf8)
            _ = write(2, line, line.count)
            throw ExitCode(error.code == .locked ? 75 : 78)
        }
    }

    private func serve(_ configuration: NodeConfiguration) async throws {
        signal(SIGPIPE, SIG_IGN)
        let log = Logger(label: "zosd")
        let node = try await ZosNode(configuration: configuration, listener: listenDescriptor, log: log)
        let work = Task { await node.run() }
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { work.cancel() }
            source.resume()
            return source
        }
        await work.value
        for source in sources { source.cancel() }
    }
}
