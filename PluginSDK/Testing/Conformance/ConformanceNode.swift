import JSON

/// Who deploys.
public enum ConformanceUser: Sendable, Hashable, CaseIterable {
    case first, second
}

/// What a case needs of a real node that runs the plugin under test, beside the plugins that its examples need.
///
/// Methods throw when the node cannot do its part; a refusal of what was asked is a `ConformanceRefusal`.
public protocol ConformanceNode: Sendable {
    /// Hands a deployment to the node; workloads are `{"name", "type", "data"}`. Returns its contract once it is accepted.
    func deploy(_ workloads: [JSONValue], as user: ConformanceUser) async throws -> UInt64
    func update(_ contract: UInt64, to workloads: [JSONValue], as user: ConformanceUser) async throws
    /// Ends the contract. Returns when the ledger has it; removal follows.
    func cancel(_ contract: UInt64, as user: ConformanceUser) async throws
    /// Makes the contract's money run out, and come back.
    func pause(_ contract: UInt64) async throws
    func resume(_ contract: UInt64) async throws
    /// Every workload as it stands; nil if the node has no such deployment.
    func workloads(of contract: UInt64, as user: ConformanceUser) async throws -> [ConformanceWorkload]?
    /// Every change of state, oldest first.
    func history(of contract: UInt64, as user: ConformanceUser) async throws -> [ConformanceWorkload]
    /// Whether the node completes and cleans data of this type before it looks at the schema, as the grid's old rules want it.
    func completes(_ type: String) -> Bool
    /// Asks the node what it would do with a deployment.
    func plan(_ workloads: [JSONValue]) async throws

    /// The plugin's workloads as the node tells it of them: `subject` of the protocol.
    func subjects() async throws -> [JSONValue]
    /// Asks the plugin directly, past everything that the node checks.
    func ask(_ operation: String, _ payload: JSONValue) async throws -> ConformanceAnswer

    /// Watches the plugin's operations from now on.
    /// - Parameter target: number of the point at which to hold once, from 1.
    func watch(holdAt target: Int?) async throws
    func points() async throws -> ConformancePoints
    func release() async throws

    /// SIGKILL, and waits until the process is no more.
    func killWorker() async throws
    /// How many lives of the worker have ended; nil while it is not ready.
    func workerLives() async throws -> UInt64?
    func killCore() async throws
    func startCore() async throws
    /// SIGKILL for the core, the workers and the workloads' processes; then everything that a reboot takes away goes.
    func reboot() async throws
    /// Runs the next version of the plugin. Returns what is known about it, for the report.
    func upgrade() async throws -> String
    /// Which package of the plugin runs.
    func runningPackage() async throws -> String

    /// Everything that workloads leave on the host, sorted. Equal before and after, nothing was left.
    func traces() async throws -> [String]
    /// Processes that run for workloads, by id.
    func processes() async throws -> [String]
    /// Open descriptors of the plugin's worker; nil if it does not run.
    func workerDescriptors() async throws -> Int?
    /// Ends of workers that nobody here has caused, in the node's words.
    func unexpectedEnds() async throws -> [String]
}

/// A workload as a user sees it.
public struct ConformanceWorkload: Sendable, Hashable {
    public let name: String
    public let type: String
    public let version: UInt64
    /// `init`, `ok`, `error`, `deleted`, `unchanged`, `paused`.
    public let state: String
    public let message: String
    public let result: JSONValue

    public init(name: String, type: String, version: UInt64, state: String, message: String, result: JSONValue) {
        self.name = name
        self.type = type
        self.version = version
        self.state = state
        self.message = message
        self.result = result
    }
}

/// A plugin's answer to a direct question.
public struct ConformanceAnswer: Sendable, Hashable {
    /// `ok`, or the code of the refusal: `operationFailed`, `invalid`, `unsupported`, `notRunning`, …
    public let status: String
    public let reply: JSONValue
    public let message: String

    public init(status: String, reply: JSONValue, message: String) {
        self.status = status
        self.reply = reply
        self.message = message
    }

    /// Whether the plugin has answered, with yes or no, and lives.
    public var isAnswer: Bool {
        ["ok", "operationFailed", "invalid", "unsupported", "denied", "unavailable"].contains(status)
    }
}

/// What the plugin's operations passed since `watch`.
public struct ConformancePoints: Sendable, Hashable {
    /// Such as `provision asked`, `call namespace.create`, `served namespace.create`, `provision answered`, `provision stored`.
    public let passed: [String]
    /// The point at which an operation is held now.
    public let held: String?
    /// How often the plugin was asked about data.
    public let questions: Int
    /// Services that the plugin has used since the core started.
    public let services: [String]

    public init(passed: [String], held: String?, questions: Int, services: [String]) {
        self.passed = passed
        self.held = held
        self.questions = questions
        self.services = services
    }
}

/// The node said no, and why.
public struct ConformanceRefusal: Error, Sendable, CustomStringConvertible {
    public let message: String
    public init(_ message: String) { self.message = message }
    public var description: String { "refused: \(message)" }
}
