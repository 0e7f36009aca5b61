/// Writes the parts of a netlink message: fixed structures in host order and aligned attributes.
public struct NetlinkWriter: Sendable {
    public private(set) var bytes: [UInt8]

    public init() {
        bytes = []
        bytes.reserveCapacity(256)
    }

    /// Appends an integer in host order.
    public mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    /// Appends bytes as they are, then fills up to the next multiple of four.
    public mutating func append(aligned content: some Collection<UInt8>) {
        bytes.append(contentsOf: content)
        pad()
    }

    /// An attribute with bytes as its value; longer than 65,531 bytes is a programmer's mistake.
    public mutating func attribute(_ type: UInt16, _ value: some Collection<UInt8>) {
        precondition(value.count <= 65_531, "a netlink attribute holds at most 65,531 bytes")
        append(UInt16(value.count + 4))
        append(type)
        append(aligned: value)
    }

    /// An attribute with an integer in host order.
    public mutating func attribute(_ type: UInt16, _ value: some FixedWidthInteger) {
        attribute(type, withUnsafeBytes(of: value) { Array($0) })
    }

    /// An attribute with text and the terminating NUL.
    public mutating func attribute(_ type: UInt16, text: String) {
        attribute(type, Array(text.utf8) + [0])
    }

    /// An attribute that holds attributes, marked with the flag for nesting.
    public mutating func nest(_ type: UInt16, _ content: (inout NetlinkWriter) -> Void) {
        var inner = NetlinkWriter()
        content(&inner)
        attribute(type | 0x8000, inner.bytes)
    }

    private mutating func pad() {
        while !bytes.count.isMultiple(of: 4) { bytes.append(0) }
    }
}
