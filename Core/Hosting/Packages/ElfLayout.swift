/// Where the parts of an ELF64 shared object are. Every offset comes from outside and is checked before it is used.
struct ElfLayout: Sendable {
    private static let headerSize = 64
    private static let programHeaderSize = 56
    private static let longestText = 4_096

    private struct Segment: Sendable {
        let type: UInt32
        let offset: Int
        let address: Int
        let fileSize: Int
    }

    /// The dynamic table up to its end mark, that one left out.
    let dynamic: [ElfEntry]
    /// Where in the file the dynamic table is.
    let dynamicOffset: Int
    /// Where in the file the texts are that it names.
    private let strings: Range<Int>

    init(_ bytes: [UInt8]) throws(HostingError) {
        let isObject =
            bytes.count >= Self.headerSize && bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1])
            && Self.number(bytes, 16, UInt16.self) == 3
        guard isObject, let machine = Self.number(bytes, 18, UInt16.self) else {
            throw Self.bad("is no 64-bit little-endian ELF shared object")
        }
        guard machine == ElfObject.machine else {
            throw HostingError(
                .badPackage, "\(PackagePath.object) is for another machine (ELF machine \(machine))",
                hint: "this node runs objects of ELF machine \(ElfObject.machine)")
        }
        let segments = try Self.segments(bytes)
        let tables = segments.filter { $0.type == 2 }
        guard tables.count == 1, let table = tables.first, table.offset <= bytes.count,
            table.fileSize <= bytes.count - table.offset
        else { throw Self.bad("has no dynamic table") }
        var entries: [ElfEntry] = []
        for index in 0..<table.fileSize / ElfEntry.size {
            let offset = table.offset + index * ElfEntry.size
            guard let tag = Self.number(bytes, offset, UInt64.self),
                let value = Self.number(bytes, offset + 8, UInt64.self)
            else { throw Self.bad("has a broken dynamic table") }
            if tag == 0 { break }
            entries.append(ElfEntry(tag: tag, value: value))
        }
        dynamic = entries
        dynamicOffset = table.offset
        strings = try Self.strings(entries, segments, bytes)
    }

    /// A text of the dynamic string table.
    func text(_ offset: UInt64, _ bytes: [UInt8]) throws(HostingError) -> String {
        guard let offset = Int(exactly: offset), offset < strings.count else {
            throw Self.bad("names a library outside of its own texts")
        }
        let text = bytes[(strings.lowerBound + offset)..<strings.upperBound].prefix(Self.longestText)
            .prefix { $0 != 0 }
        guard text.count < Self.longestText, let string = String(validating: text, as: UTF8.self) else {
            throw Self.bad("names a library that no file can have")
        }
        return string
    }

    private static func segments(_ bytes: [UInt8]) throws(HostingError) -> [Segment] {
        guard let start = number(bytes, 32, UInt64.self).flatMap(Int.init(exactly:)),
            number(bytes, 54, UInt16.self) == UInt16(programHeaderSize), let count = number(bytes, 56, UInt16.self),
            start <= bytes.count, Int(count) * programHeaderSize <= bytes.count - start
        else { throw bad("has broken program headers") }
        var segments: [Segment] = []
        for index in 0..<Int(count) {
            let header = start + index * programHeaderSize
            guard let type = number(bytes, header, UInt32.self),
                let offset = number(bytes, header + 8, UInt64.self).flatMap(Int.init(exactly:)),
                let address = number(bytes, header + 16, UInt64.self).flatMap(Int.init(exactly:)),
                let fileSize = number(bytes, header + 32, UInt64.self).flatMap(Int.init(exactly:))
            else { throw bad("has broken program headers") }
            segments.append(Segment(type: type, offset: offset, address: address, fileSize: fileSize))
        }
        return segments
    }

    private static func strings(
        _ entries: [ElfEntry], _ segments: [Segment], _ bytes: [UInt8]
    ) throws(HostingError) -> Range<Int> {
        // The loader takes the last of several; so that nothing depends on it, there must be one.
        let addresses = entries.filter { $0.tag == ElfTag.stringTable }
        let sizes = entries.filter { $0.tag == ElfTag.stringSize }
        guard addresses.count == 1, sizes.count == 1, let address = Int(exactly: addresses[0].value),
            let size = Int(exactly: sizes[0].value)
        else { throw bad("has no texts for its dynamic table") }
        for segment in segments where segment.type == 1 && address >= segment.address {
            let distance = address - segment.address
            guard distance <= segment.fileSize, size <= segment.fileSize - distance else { continue }
            let (start, overflow) = segment.offset.addingReportingOverflow(distance)
            guard !overflow, start <= bytes.count, size <= bytes.count - start else { break }
            return start..<start + size
        }
        throw bad("has the texts of its dynamic table outside of the file")
    }

    private static func bad(_ what: String) -> HostingError {
        HostingError(.badPackage, "\(PackagePath.object) \(what)")
    }

    private static func number<T: FixedWidthInteger>(_ bytes: [UInt8], _ offset: Int, _ type: T.Type) -> T? {
        let size = T.bitWidth / 8
        guard offset >= 0, offset <= bytes.count - size else { return nil }
        return bytes[offset..<offset + size].reversed().reduce(0) { $0 << 8 | T($1) }
    }
}
