import JSON
import Logging
import Provisioning

/// Runs the performance tasks one after the other, each at its time, and keeps the last result of each over restarts.
actor PerformanceBoard {
    /// A clock that was set must not let a task wait for years.
    private static let longestWait: Int64 = 60

    /// Bytes of the file: a farm with ten thousand addresses.
    private static let limit = 4 << 20

    private let tasks: [any PerformanceTask]
    private let path: String
    private let first: Int64
    private let now: @Sendable () -> Int64
    private let log: Logger
    private var results: [String: JSONValue]

    /// - Parameters:
    ///   - path: the file of the results. One that cannot be read is replaced by the next results.
    ///   - first: seconds after the start until tasks run that have no result yet.
    init(
        _ tasks: [any PerformanceTask], path: String, first: Int64, now: @escaping @Sendable () -> Int64, log: Logger
    ) {
        self.tasks = tasks
        self.path = path
        self.first = first
        self.now = now
        self.log = log
        results = Self.read(path, log)
    }

    /// The last result; nil before the first.
    func result(of name: String) -> JSONValue? { results[name] }

    /// The last results, by name.
    func all() -> [JSONValue] { results.sorted { $0.key < $1.key }.map(\.value) }

    /// Works until the task is cancelled.
    func run() async {
        guard !tasks.isEmpty else { return }
        var due = tasks.map(firstTime)
        while !Task.isCancelled {
            guard let index = due.indices.min(by: { due[$0] < due[$1] }) else { return }
            let wait = due[index] - now()
            guard wait <= 0 else {
                try? await Task.sleep(for: .seconds(min(wait, Self.longestWait)))  // The loop sees a cancellation.
                continue
            }
            await perform(tasks[index])
            due[index] = tasks[index].schedule.next(after: now(), chance: Double.random(in: 0...1))
        }
    }

    /// Does one task and keeps what came of it. A task that fails leaves the result that there was.
    func perform(_ task: any PerformanceTask) async {
        do {
            let result = try await task.run()
            results[task.name] = [
                "name": .string(task.name), "description": .string(task.description),
                "timestamp": .number(JSONNumber(max(0, now()))), "result": result,
            ]
            try store()
        } catch is CancellationError {
            return
        } catch {
            log.warning("performance task failed", metadata: ["task": "\(task.name)", "error": "\(error)"])
        }
    }

    private func firstTime(of task: any PerformanceTask) -> Int64 {
        let now = now()
        if task.schedule.isImmediate { return now }
        let next = task.schedule.next(after: now, chance: Double.random(in: 0...1))
        return results[task.name] == nil ? min(next, now &+ first) : next
    }

    private func store() throws {
        let text = (["version": 1, "results": .array(all())] as JSONValue).text
        try SecretFile.write(text, to: path)
    }

    private static func read(_ path: String, _ log: Logger) -> [String: JSONValue] {
        do {
            guard let bytes = HostFiles().bytes(path, limit: limit) else { return [:] }
            let value = try JSONValue(parsing: bytes)
            let entries = value["version"] == 1 ? value["results"]?.arrayValue ?? [] : []
            let named = entries.compactMap { entry in entry["name"]?.stringValue.map { ($0, entry) } }
            return Dictionary(named, uniquingKeysWith: { $1 })
        } catch {
            log.warning("performance results not read", metadata: ["path": "\(path)", "error": "\(error)"])
            return [:]
        }
    }
}
