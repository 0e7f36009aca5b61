import PluginABI

/// What the node can ask of a plugin: `ZOS_OPERATION_*` of zos_plugin.h.
public enum Operation: UInt32, Sendable, CaseIterable {
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

    /// Its bit in `zos_plugin.abilities`.
    public var ability: UInt64 { 1 << UInt64(rawValue) }

    /// The ABI version that brought it.
    var sinceABI: UInt32 {
        switch self {
        case .metrics, .recover, .migrate, .timer: 2
        default: 1
        }
    }
}
