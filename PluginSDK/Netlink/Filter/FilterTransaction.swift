/// Changes to tables that the kernel makes all at once or not at all.
public struct FilterTransaction: Sendable {
    typealias Message = (type: UInt16, flags: UInt16, payload: [UInt8])

    let family: FilterFamily
    let table: String
    private(set) var messages: [Message] = []

    /// Changes of one table; its name has 1 to 31 bytes.
    public init(_ family: FilterFamily, table: String) {
        self.family = family
        self.table = table
    }

    public var isEmpty: Bool { messages.isEmpty }

    /// Makes the table if it is not there.
    public mutating func createTable() {
        append(0, flags: MessageFlag.create)
    }

    /// Deletes the table with everything in it; it must exist.
    public mutating func deleteTable() {
        append(2)
    }

    /// Leaves an empty table, whatever was there.
    public mutating func resetTable() {
        createTable()
        deleteTable()
        createTable()
    }

    /// Makes a chain if it is not there.
    public mutating func create(_ chain: FilterChain) {
        append(3, flags: MessageFlag.create) {
            $0.attribute(3, text: chain.name)
            guard let base = chain.base else { return }
            $0.nest(4) {
                $0.attribute(1, base.hook.rawValue.bigEndian)
                $0.attribute(2, base.priority.bigEndian)
            }
            $0.attribute(5, base.policy.rawValue.bigEndian)
            $0.attribute(7, text: base.kind.rawValue)
        }
    }

    /// Deletes a chain; it must exist, be empty, and nothing may jump to it any more.
    public mutating func deleteChain(_ name: String) {
        append(5) {
            $0.attribute(3, text: name)
        }
    }

    /// Removes all rules of a chain.
    public mutating func flushChain(_ name: String) {
        append(8) {
            $0.attribute(2, text: name)
        }
    }

    /// Adds a rule at the end of a chain.
    public mutating func add(_ rule: FilterRule, to chain: String) {
        append(6, flags: MessageFlag.create | MessageFlag.append) {
            $0.attribute(2, text: chain)
            rule.encode(into: &$0)
        }
    }

    /// Deletes a rule by its handle.
    public mutating func delete(_ rule: InstalledRule) {
        append(8) {
            $0.attribute(2, text: rule.chain)
            $0.attribute(3, rule.handle.bigEndian)
        }
    }

    /// Every message names the table first.
    private mutating func append(
        _ kind: UInt16, flags: UInt16 = 0, _ encode: (inout NetlinkWriter) -> Void = { _ in }
    ) {
        var writer = FilterNetlink.header(family)
        writer.attribute(1, text: table)
        encode(&writer)
        messages.append((FilterNetlink.subsystem | kind, flags, writer.bytes))
    }
}
