import JSON

/// Sends signed messages to the buses of other twins (`docs/spec/rmb-direct.md` section 5).
struct PeerSender: Sendable {
    let addresses: any TwinAddresses
    let connections: PeerConnections

    /// - Throws: why the message was not accepted, in the words of the reference.
    func send(_ message: RMBMessage, through door: Door, timeout: Duration = .seconds(10)) async throws(RMBError) {
        let twin = message.destinations?.first.flatMap(UInt32.init(exactly:)) ?? 0
        let answer = try await connections.post(
            message.encoded + [0x0a], to: try await address(of: twin), path: door.rawValue,
            contentType: door == .reply ? "application/json" : nil, timeout: timeout)
        guard answer.status == 200 else { throw Self.refusal(answer) }
    }

    static func refusal(_ answer: PeerConnections.Answer) -> RMBError {
        let text: String
        do {
            let value = try JSONValue.parsingFirst(of: answer.body, mode: .lenient).value
            text = value.objectValue?.folded("message")?.stringValue ?? ""
        } catch {
            text = "failed to read response body: \(error)"
        }
        return RMBError(
            .remote, "failed to send remote: \(answer.status) \(answer.reason) (\(text))",
            isRetryable: answer.status >= 429)
    }

    private func address(of twin: UInt32) async throws(RMBError) -> PeerAddress {
        switch await addresses.address(of: twin) {
        case .found(let address): return address
        case .absent: throw RMBError(.unknownTwin, "twin not found: object not found")
        case .unavailable(let cause):
            throw RMBError(.keyUnavailable, "twin not found: \(cause)", isRetryable: true)
        }
    }
}
