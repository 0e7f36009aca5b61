import Deployments
import JSON
import RMB

/// One node as its users see it: the commands of `docs/spec/node-api.md`, called over any bus.
///
/// Every call ends within its deadline and when its task is cancelled. Commands that are not here, such as those of plugins, are
/// reached with `call`.
public struct NodeClient: Sendable {
    /// How long one command may take.
    public static let defaultTimeout = Duration.seconds(30)

    /// The node's twin.
    public let twin: UInt32
    private let caller: any RMBCaller
    private let timeout: Duration

    public init(caller: any RMBCaller, twin: UInt32, timeout: Duration = NodeClient.defaultTimeout) {
        self.caller = caller
        self.twin = twin
        self.timeout = timeout
    }

    /// The same node with another deadline for each call.
    public func within(_ timeout: Duration) -> NodeClient { NodeClient(caller: caller, twin: twin, timeout: timeout) }

    /// Calls any command of the node, such as one that a plugin serves.
    /// - Throws: `refused` with the node's text; other codes when there is no answer.
    public func call(_ command: String, _ payload: JSONValue = .null) async throws(ClientError) -> JSONValue {
        do throws(RMBError) {
            return try await caller.call(command, at: twin, payload: payload, timeout: timeout)
        } catch {
            throw ClientError(error, command: command)
        }
    }

    /// As `call`; nil if the node refuses with one of these texts, which then stand for "there is none".
    func call(_ command: String, _ payload: JSONValue = .null, absent texts: [String]) async throws(ClientError)
        -> JSONValue?
    {
        do throws(ClientError) {
            return try await call(command, payload)
        } catch {
            guard error.code == .refused, texts.contains(where: { error.message.utf8.elementsEqual($0.utf8) }) else {
                throw error
            }
            return nil
        }
    }

    /// The types that the node runs, a list of objects with at least `name` and `summary`.
    public func types() async throws(ClientError) -> [JSONValue] {
        try await call("zos.workload.types").arrayValue ?? []
    }

    /// Everything that is known about a type: its `schema`, what may be updated, what it refers to and exports.
    public func describe(type: String) async throws(ClientError) -> JSONValue {
        try await call("zos.workload.describe", ["type": .string(type)])
    }
}
