import JSON

/// Values of the slots of a companion that are more than a text or a number (docs/spec/plugin-protocol.md section 5).
public enum Slot {
    /// The descriptor behind an export of a workload that this one names.
    public static func export(_ kind: String, of reference: String) -> JSONValue {
        ["reference": .string(reference), "export": .string(kind)]
    }

    /// A directory of the plugin's own, for a mount.
    public static func directory(_ name: String) -> JSONValue { ["directory": .string(name)] }

    /// The tap of that name, made for the same workload.
    public static func tap(_ name: String) -> JSONValue { ["tap": .string(name)] }

    /// A socket of another instance, connected.
    public static func connection(to instance: String, socket: String) -> JSONValue {
        ["connect": .string(instance), "socket": .string(socket)]
    }

    /// The n-th descriptor that comes with the call.
    public static func index(_ index: Int) -> JSONValue { ["index": .number(JSONNumber(index))] }
}
