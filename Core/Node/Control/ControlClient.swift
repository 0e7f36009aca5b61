import JSON

/// Asks a node on its control socket, as the operator of its machine.
public struct ControlClient: Sendable {
    private let path: String

    /// - Parameter path: `control.sock` of the node's run folder.
    public init(path: String) { self.path = path }

    /// Asks one thing and waits for the answer.
    ///
    /// - Throws: `ControlError`: what the node refused, or `unavailable` if there is no node, `timed_out` if it says nothing.
    public func ask(
        _ command: String, _ arguments: JSONValue = [:], patience: Duration = .seconds(60)
    ) async throws(ControlError) -> JSONValue {
        let socket = try LineSocket.connect(to: path)
        let request: JSONValue = ["command": .string(command), "arguments": arguments]
        try await socket.send(request.text)
        guard let line = try await socket.receive(within: patience) else {
            throw ControlError("unavailable", "the node ended while it worked on '\(command)'", hint: "see its log")
        }
        let answer: JSONValue
        do {
            answer = try JSONValue(parsing: line)
        } catch {
            throw ControlError("failed", "the node's answer to '\(command)' is no JSON: \(error)")
        }
        if let error = answer["error"] { throw ControlError(error) }
        return answer["result"] ?? .null
    }
}
