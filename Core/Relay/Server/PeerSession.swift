import Logging
import NIOCore
import NIOWebSocket
import RMB

/// Serves one connected session: routes what it sends, writes what waits for it.
struct PeerSession: Sendable {
    /// Envelopes written between two looks at the mailbox.
    private static let batch = 32

    private let address: RelayAddress
    private let link: PeerLink
    private let switchboard: Switchboard
    private let router: RelayRouter
    private let log: Logger
    private let clock: WallClock
    private let signals: AsyncStream<Void>
    private let ticket: Switchboard.Ticket

    /// Takes the session over, from the connection that had it before if there is one. Connections are to come here in
    /// the order in which they were let in: the last one has the session.
    /// - Returns: nil, with the connection closed, if the twin has too many sessions.
    init?(
        _ address: RelayAddress, _ link: PeerLink, switchboard: Switchboard, router: RelayRouter, log: Logger,
        clock: @escaping WallClock
    ) {
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let line = Switchboard.Line(wake: { signal.yield() }, close: { link.close() })
        guard let ticket = switchboard.connect(address, line) else {
            log.info("a twin has too many sessions", metadata: ["twin": "\(address.twin)"])
            link.close()
            return nil
        }
        (self.address, self.link, self.switchboard, self.router) = (address, link, switchboard, router)
        (self.log, self.clock, self.signals, self.ticket) = (log, clock, signals, ticket)
    }

    /// Works until the connection ends, the session is replaced, or the task is cancelled.
    func run() async {
        defer {
            link.close()
            switchboard.disconnect(address, ticket)
        }
        await withTaskGroup { group in
            group.addTask { await read() }
            group.addTask { await write() }
            await group.next()
            group.cancelAll()
            // A write that the peer does not take ends with the connection.
            link.close()
        }
    }

    private func read() async {
        for await message in link.messages {
            switch message {
            case .envelope(let bytes):
                do throws(RMBError) {
                    try await router.route(bytes, from: address)
                } catch {
                    return log.info(
                        "what a peer sent is no envelope",
                        metadata: ["peer": "\(address)", "cause": "\(error.message)"])
                }
            case .ping(let bytes):
                do { try await link.write(.pong, [bytes]) } catch { return }
            }
            link.dealtWith()
        }
    }

    private func write() async {
        for await _ in signals {
            while true {
                let now = UInt64(clamping: clock().seconds)
                guard let envelopes = switchboard.take(for: address, ticket, atMost: Self.batch, at: now) else {
                    return
                }
                guard !envelopes.isEmpty else { break }
                do {
                    try await link.write(.binary, envelopes.map(\.bytes))
                } catch {
                    // Some of them may have arrived: better twice than never, peers remember what they have seen.
                    return switchboard.giveBack(envelopes, for: address)
                }
            }
        }
    }
}
