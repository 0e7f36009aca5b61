import JSON
import Synchronization

/// Named places in the life of an operation at which a development node can be held, so that somebody outside kills what he wants to
/// see dead there. Exists only with `unsafe_faults`.
///
/// Places, in the order in which an operation passes them:
///
///     provision asked            stored in the journal, the plugin has not been asked
///     call namespace.create      the plugin asks the node for something, which has not been done
///     served namespace.create    done, the plugin has not been answered
///     provision answered         the plugin has answered, nothing is stored
///     provision stored           the result is stored, the job is still open
public final class FaultBoard: Sendable {
    private struct State {
        var plugin = ""
        /// Number of the place at which to hold, from 1.
        var target: Int?
        var passed: [String] = []
        var questions = 0
        var held: CheckedContinuation<Void, Never>?
        var heldAt: String?
        /// By plugin, since the start of the node.
        var services: [String: Set<String>] = [:]
    }
    private let state = Mutex(State())

    public init() {}

    /// Throws `.badConfiguration` where no node may be held.
    static func check(_ configuration: NodeConfiguration) throws(NodeError) {
        guard configuration.allowsUnsafeFaults, configuration.network != .embedded else { return }
        throw NodeError(
            .badConfiguration,
            "unsafe_faults is for nodes with an embedded ledger, not for a node of the network "
                + "'\(configuration.network.rawValue)'", hint: "remove it from the configuration")
    }

    /// Forgets what was passed, lets go what is held, and watches one plugin from now on.
    ///
    /// - Parameter target: number of the place at which to hold once, from 1; nil to count only.
    public func watch(_ plugin: String, holdAt target: Int?) {
        release()
        state.withLock { state in
            (state.plugin, state.target, state.passed, state.questions) = (plugin, target, [], 0)
        }
    }

    /// Passes a place; returns at once unless this one was chosen.
    func pass(_ place: String, of plugin: String) async {
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                guard state.plugin == plugin else { return false }
                state.passed.append(place)
                guard state.passed.count == state.target else { return false }
                (state.target, state.held, state.heldAt) = (nil, continuation, place)
                return true
            }
            if !isHeld { continuation.resume() }
        }
    }

    /// Counts a question that a plugin is asked about data, before anything is accepted.
    func noteQuestion(to plugin: String) {
        state.withLock { if $0.plugin == plugin { $0.questions += 1 } }
    }

    func note(service: String, of plugin: String) {
        state.withLock { _ = $0.services[plugin, default: []].insert(service) }
    }

    /// Lets go what is held.
    public func release() {
        let held = state.withLock { state in
            defer { (state.held, state.heldAt) = (nil, nil) }
            return state.held
        }
        held?.resume()
    }

    /// What was passed since `watch`, where somebody is held, how often the plugin was asked, and which services it has used so far.
    public var json: JSONValue {
        state.withLock { state in
            [
                "passed": .array(state.passed.map { .string($0) }),
                "held": state.heldAt.map { .string($0) } ?? .null,
                "questions": .number(JSONNumber(state.questions)),
                "services": .array((state.services[state.plugin] ?? []).sorted().map { .string($0) }),
            ]
        }
    }
}
