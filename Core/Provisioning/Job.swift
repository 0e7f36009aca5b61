import JSON

/// What is to be done to one deployment. Jobs of one deployment run one after the other; deployments run side by side.
struct Job: Sendable {
    enum Kind: String, Sendable {
        case deploy, update, pause, resume, remove
    }

    let id: Int64
    let key: DeploymentKey
    let kind: Kind
    /// Why, in the words that a removed workload's record gets.
    let reason: String
    var steps: [Step]
}

/// One operation on one workload. A stored step is the intent of its effect: it is on disk before the plugin is asked,
/// and goes away in the transaction that stores the result.
struct Step: Sendable {
    enum Operation: String, Sendable {
        case add, update, remove, pause, resume
        /// Looks after what is provisioned already; never stored.
        case check

        /// As the plugin protocol calls it.
        var name: String {
            switch self {
            case .add, .check: "provision"
            case .remove: "deprovision"
            case .update, .pause, .resume: rawValue
            }
        }
    }

    let id: Int64
    let operation: Operation
    /// The workload's name.
    let name: String
    /// The workload as accepted: for `add` and `update` what is to be; its wire text.
    let target: String?
}
