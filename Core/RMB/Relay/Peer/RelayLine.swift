import Logging
import Synchronization
import WebSockets

/// The connection to one relay: dialled again for ever, two seconds after each loss (`docs/spec/rmb-relay.md` section 5).
final class RelayLine: Sendable {
    private struct State {
        var socket: WebSocket?
        var isLossKnown = false
    }

    let address: WebSocketAddress
    private let client: WebSocketClient
    private let pause: Duration
    private let log: Logger
    private let state = Mutex(State())

    init(to address: WebSocketAddress, client: WebSocketClient, pause: Duration, log: Logger) {
        self.address = address
        self.client = client
        self.pause = pause
        self.log = log
    }

    var isConnected: Bool { state.withLock { $0.socket != nil } }

    /// Stays connected until the task is cancelled.
    /// - Parameters:
    ///   - token: makes a new one for each dialling: the whole query of the address.
    ///   - receive: takes each binary message, and nil for one that is none.
    ///   - changed: told of each connection and each loss.
    func run(
        token: @Sendable () -> String, receive: @escaping @Sendable ([UInt8]?) -> Void,
        changed: @escaping @Sendable (_ isConnected: Bool) -> Void
    ) async {
        while !Task.isCancelled {
            do {
                let target = "\(address.target.prefix { $0 != "?" })?\(token())"
                let place = WebSocketAddress(
                    host: address.host, port: address.port, isSecure: address.isSecure, target: target)
                try await client.connect(to: place) { socket in
                    self.hold(socket)
                    changed(true)
                    defer {
                        self.state.withLock { $0.socket = nil }
                        changed(false)
                    }
                    for try await message in socket.messages {
                        switch message {
                        case .binary(let bytes): receive(bytes)
                        case .text: receive(nil)
                        }
                    }
                }
                note("the relay closed the connection")
            } catch {
                if Task.isCancelled { return }
                note("\(error)")
            }
            try? await Task.sleep(for: pause)  // Cancellation shows in the loop's condition.
        }
    }

    /// Hands a message to the relay.
    /// - Throws: `unreachable` without a connection, `timedOut` when the relay does not take it.
    func send(_ bytes: [UInt8], timeout: Duration) async throws(RMBError) {
        guard let socket = state.withLock({ $0.socket }) else {
            throw RMBError(.unreachable, "the relay \(address) is not connected", isRetryable: true)
        }
        let late = RMBError(.timedOut, "the relay \(address) takes no messages", isRetryable: true)
        try await withDeadline(timeout, failure: late) { try await socket.send(.binary(bytes)) }
    }

    private func hold(_ socket: WebSocket) {
        state.withLock { state in
            state.socket = socket
            state.isLossKnown = false
        }
        log.notice("relay connected", metadata: ["relay": "\(address)"])
    }

    /// Says why there is no connection: once, not every two seconds.
    private func note(_ cause: String) {
        let isKnown = state.withLock { state in
            defer { state.isLossKnown = true }
            return state.isLossKnown
        }
        log.log(
            level: isKnown ? .debug : .warning, "relay not connected, trying again",
            metadata: ["relay": "\(address)", "cause": "\(cause)"])
    }
}
