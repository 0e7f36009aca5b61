import Deployments
import JSON
import RMB

/// One node as its users see it: the commands of `docs/spec/node-api.md`, called over any bus.
///
/// Every call ends within its deadline and when its task is cancelled.
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

    /// Calls any command of the node, such as one that a plugin serves.
    /// - Throws: `refused` with the node's text; other codes when there is no answer.
    public func call(_ command: String, _ payload: JSONValue = .null) async throws(ClientError) -> JSONValue {
        do throws(RMBError) {
            return try await caller.call(command, at: twin, payload: payload, timeout: timeout)
        } catch {
            throw ClientError(error, command: command)
        }
    }

    /// `total`, `used` and `system` capacity, users, open connections.
    public func statistics() async throws(ClientError) -> JSONValue { try await call("zos.statistics.get") }

    /// The UDP ports that are taken; what is not in the list is free.
    public func takenPorts() async throws(ClientError) -> [UInt16] {
        let ports = try await call("zos.network.list_wg_ports").arrayValue ?? []
        return ports.compactMap { $0.uint64Value.flatMap(UInt16.init(exactly:)) }
    }

    /// Ports of the range that nobody has taken, the lowest first.
    public func freePorts(_ count: Int, in range: ClosedRange<UInt16> = 1024...32767) async throws(ClientError)
        -> [UInt16]
    {
        let taken = Set(try await takenPorts())
        return Array(range.lazy.filter { !taken.contains($0) }.prefix(count))
    }

    /// The node's own public addresses; nil if it has none.
    public func publicConfig() async throws(ClientError) -> JSONValue? {
        do throws(ClientError) {
            return try await call("zos.network.public_config_get")
        } catch {
            guard error.code == .refused, error.message.utf8.elementsEqual("no public configuration".utf8) else {
                throw error
            }
            return nil
        }
    }

    /// Addresses by interface.
    public func interfaces() async throws(ClientError) -> JSONValue { try await call("zos.network.interfaces") }

    /// Versions of the node's software.
    public func version() async throws(ClientError) -> JSONValue { try await call("zos.system.version") }

    /// The types that the node runs, a list of objects with at least `name` and `summary`.
    public func types() async throws(ClientError) -> [JSONValue] {
        try await call("zos.workload.types").arrayValue ?? []
    }

    /// Everything that is known about a type: its `schema`, what may be updated, what it refers to and exports.
    public func describe(type: String) async throws(ClientError) -> JSONValue {
        try await call("zos.workload.describe", ["type": .string(type)])
    }
}
