/// The attributes of a message or of a nesting attribute, as far as they are well formed.
public struct NetlinkAttributes: Sendable {
    private var values: [(type: UInt16, value: ArraySlice<UInt8>)] = []

    /// Reads attributes until the bytes end or stop making sense; what comes from the kernel is never trusted to be whole.
    public init(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while let length = rest.integer(UInt16.self, at: 0), let type = rest.integer(UInt16.self, at: 2),
            length >= 4, Int(length) <= rest.count
        {
            values.append((type & 0x3fff, rest.dropFirst(4).prefix(Int(length) - 4)))
            rest = rest.dropFirst((Int(length) + 3) & ~3)
        }
    }

    /// The value of the first attribute of that type.
    public subscript(_ type: UInt16) -> ArraySlice<UInt8>? {
        values.first { $0.type == type }?.value
    }

    /// All values in order, for lists whose members share a type or are numbered.
    public var all: [(type: UInt16, value: ArraySlice<UInt8>)] { values }

    /// An integer in host order.
    public func integer<T: FixedWidthInteger>(_ type: UInt16, as kind: T.Type = T.self) -> T? {
        self[type]?.integer(kind, at: 0)
    }

    /// Text up to its NUL or its end.
    public func text(_ type: UInt16) -> String? {
        self[type].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The attributes inside an attribute; none if it is missing.
    public func nested(_ type: UInt16) -> NetlinkAttributes {
        NetlinkAttributes(self[type] ?? [])
    }
}

extension ArraySlice<UInt8> {
    /// An integer in host order at a distance from the start, or nil if the bytes end before.
    func integer<T: FixedWidthInteger>(_ kind: T.Type, at offset: Int) -> T? {
        let size = MemoryLayout<T>.size
        guard offset >= 0, offset <= count, count - offset >= size else { return nil }
        let part = dropFirst(offset).prefix(size)
        // SAFETY: the slice holds exactly `size` bytes, and loadUnaligned asks for no alignment.
        return part.withUnsafeBytes { $0.loadUnaligned(as: T.self) }
    }
}
