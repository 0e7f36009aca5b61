/// The 32 bytes before every packet's payload (docs/spec/plugin-protocol.md section 1).
public struct FrameHeader: Sendable, Hashable {
    public static let size = 32
    static let magic: UInt32 = 0x3153_4f5a

    public var kind: FrameKind
    /// More packets of the same message follow.
    public var hasMore: Bool
    public var operation: UInt16
    public var id: UInt64
    public var status: Int32
    public var length: UInt32
    /// Milliseconds until the core gives up; 0 for everything but requests.
    public var deadline: UInt64

    public init(
        kind: FrameKind, hasMore: Bool, operation: UInt16, id: UInt64, status: Int32, length: UInt32, deadline: UInt64
    ) {
        self.kind = kind
        self.hasMore = hasMore
        self.operation = operation
        self.id = id
        self.status = status
        self.length = length
        self.deadline = deadline
    }

    public init(parsing packet: some Collection<UInt8>) throws(FrameError) {
        var reader = LittleEndianReader(packet.prefix(Self.size))
        guard packet.count >= Self.size else { throw FrameError("a packet of \(packet.count) bytes has no header") }
        let magic: UInt32 = reader.next()
        guard magic == Self.magic else { throw FrameError("a packet starts with \(magic) instead of the magic number") }
        let kind: UInt8 = reader.next()
        guard let known = FrameKind(rawValue: kind) else { throw FrameError("a packet of the unknown kind \(kind)") }
        let flags: UInt8 = reader.next()
        guard flags & ~1 == 0 else { throw FrameError("a packet with the unknown flags \(flags)") }
        self.kind = known
        hasMore = flags & 1 == 1
        operation = reader.next()
        id = reader.next()
        status = Int32(bitPattern: reader.next())
        length = reader.next()
        deadline = reader.next()
        guard packet.count == Self.size + Int(length) else {
            throw FrameError("a packet says that it has \(length) bytes of payload and has \(packet.count - Self.size)")
        }
    }

    public var bytes: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(Self.size)
        output.appendLittleEndian(Self.magic)
        output.append(kind.rawValue)
        output.append(hasMore ? 1 : 0)
        output.appendLittleEndian(operation)
        output.appendLittleEndian(id)
        output.appendLittleEndian(UInt32(bitPattern: status))
        output.appendLittleEndian(length)
        output.appendLittleEndian(deadline)
        return output
    }
}

/// Who says it and whether somebody waits for what comes back.
public enum FrameKind: UInt8, Sendable {
    case request = 1
    case reply = 2
    case call = 3
    case answer = 4
    case note = 5
}

/// Operations of notes.
public enum NoteOperation: UInt16, Sendable {
    case ready = 1
    case log = 2
    case failed = 3
    case sandboxed = 4
}

/// What is wrong with a packet. It ends the worker.
public struct FrameError: Error, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Reads integers from bytes whose number the caller has checked or checks next: what is missing reads as zero.
struct LittleEndianReader<Bytes: Sequence> where Bytes.Element == UInt8 {
    private var iterator: Bytes.Iterator

    init(_ bytes: Bytes) { iterator = bytes.makeIterator() }

    mutating func next<Number: FixedWidthInteger & UnsignedInteger>() -> Number {
        var value: Number = 0
        for index in 0..<Number.bitWidth / 8 {
            guard let byte = iterator.next() else { break }
            value |= Number(byte) << (8 * index)
        }
        return value
    }
}

extension [UInt8] {
    mutating func appendLittleEndian(_ value: some FixedWidthInteger & UnsignedInteger) {
        for index in 0..<value.bitWidth / 8 { append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }
}
