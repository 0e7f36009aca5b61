/// A rule as the kernel has it.
public struct InstalledRule: Sendable, Hashable {
    public let chain: String
    /// The kernel's number for it, by which it is deleted.
    public let handle: UInt64
    public let comment: String?
    /// Sum of its counters; nil without one.
    public let packets: UInt64?
    public let bytes: UInt64?
    /// Names of its expressions in order, to compare with what should be there.
    public let expressions: [String]

    init?(_ message: NetlinkMessage) {
        let attributes = NetlinkAttributes(message.payload.dropFirst(4))
        guard let chain = attributes.text(2), let handle: UInt64 = attributes.integer(3) else { return nil }
        self.chain = chain
        self.handle = UInt64(bigEndian: handle)
        comment = attributes[7].flatMap(Self.comment)
        var names: [String] = []
        var packets: UInt64?
        var bytes: UInt64?
        for element in attributes.nested(4).all {
            let expression = NetlinkAttributes(element.value)
            guard let name = expression.text(1) else { continue }
            names.append(name)
            guard name == "counter" else { continue }
            let counter = expression.nested(2)
            bytes = (bytes ?? 0) &+ UInt64(bigEndian: counter.integer(1) ?? 0)
            packets = (packets ?? 0) &+ UInt64(bigEndian: counter.integer(2) ?? 0)
        }
        expressions = names
        self.packets = packets
        self.bytes = bytes
    }

    /// The text among the type-length-value triples that rules carry for their owners.
    private static func comment(_ userData: ArraySlice<UInt8>) -> String? {
        var rest = userData
        while let type = rest.first, let length = rest.dropFirst().first, rest.count >= Int(length) + 2 {
            let value = rest.dropFirst(2).prefix(Int(length))
            if type == 0 { return String(decoding: value.prefix { $0 != 0 }, as: UTF8.self) }
            rest = rest.dropFirst(Int(length) + 2)
        }
        return nil
    }
}
