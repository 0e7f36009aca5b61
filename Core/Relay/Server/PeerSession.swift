import Logging
import NIOCore
import NIOWebSocket
import RMB

/// Serves one connected session: routes what it sends, writes what waits for it.
struct PeerSession: Sendable {
    /// Envelopes written between two looks at the mailbox.
    private static let batch = 32

    let address: RelayAddress
    let link: PeerLink
    let switchboard: Switchboard
    let router: RelayRouter
    let log: Logger
    let clock: WallClock

    /// Works until the connection ends, the session is replaced, or the task is cancelled.
    func run() async {
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let line = Switchboard.Line(wake: { signal.yield() }, close: { link.close() })
        defer { link.close() }
        guard let ticket = switchboard.connect(address, line) else {
            return log.info("a twin has too many sessions", metadata: ["twin": "\(address.twin)"])
        }
        defer { switchboard.disconnect(address, ticket) }
        await withTaskGroup { group in
            group.addTask { await read() }
            group.addTask { await write(signals, ticket) }
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

    private func write(_ signals: AsyncStream<Void>, _ ticket: Switchboard.Ticket) async {
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
