import JSON

/// `ZOS_OPERATION_*` of zos_plugin.h.
public enum PluginOperation: UInt16, Sendable, Hashable, CaseIterable {
    case initialize = 1
    case validate = 2
    case capacity = 3
    case references = 4
    case provision = 5
    case update = 6
    case pause = 7
    case resume = 8
    case deprovision = 9
    case command = 10
    case health = 11
    case companionExited = 12
    case metrics = 13
    case recover = 14
    case migrate = 15
    case timer = 16
    /// No plugin knows it; that it answers UNSUPPORTED shows that it answers.
    case ping = 65535

    /// How long the core waits for the answer, unless the manifest says otherwise. Questions are answered
    /// while a user waits; work on the host may have to make a disk.
    public var defaultDeadline: Duration {
        switch self {
        case .validate, .capacity, .references, .health, .metrics, .migrate, .ping: .seconds(5)
        case .pause, .resume, .command, .companionExited, .timer: .seconds(30)
        case .initialize: .seconds(120)
        case .provision, .update, .deprovision, .recover: .seconds(300)
        }
    }

    /// The workload that the request changes, if it changes one. Ends of companions and timers are told while that goes on: a
    /// plugin may wait for them.
    func subject(of payload: JSONValue) -> String? {
        switch self {
        case .provision, .update, .pause, .resume, .deprovision, .recover: payload["subject"]?["id"]?.stringValue
        default: nil
        }
    }
}
