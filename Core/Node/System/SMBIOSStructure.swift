/// One structure of the firmware's table (DMTF DSP0134, SMBIOS 3.7 section 6.1). Reading beyond its end gives nil.
struct SMBIOSStructure: Sendable, Hashable {
    let type: UInt8
    let handle: UInt16
    /// The formatted part, header included.
    let formatted: [UInt8]
    let strings: [String]

    func byte(_ offset: Int) -> UInt8? { formatted.indices.contains(offset) ? formatted[offset] : nil }

    func word(_ offset: Int) -> UInt16? {
        guard let low = byte(offset), let high = byte(offset + 1) else { return nil }
        return UInt16(high) << 8 | UInt16(low)
    }

    func double(_ offset: Int) -> UInt32? {
        guard let low = word(offset), let high = word(offset + 2) else { return nil }
        return UInt32(high) << 16 | UInt32(low)
    }

    /// The string that the byte at `offset` numbers from 1; nil for none.
    func string(_ offset: Int) -> String? {
        guard let number = byte(offset), number > 0, strings.count >= Int(number) else { return nil }
        return strings[Int(number) - 1]
    }

    /// The UUID at `offset`: its first three fields are little-endian. Nil if it is not set.
    func uuid(_ offset: Int) -> String? {
        guard formatted.count >= offset + 16 else { return nil }
        let bytes = Array(formatted[offset..<(offset + 16)])
        guard bytes.contains(where: { $0 != 0 }), bytes.contains(where: { $0 != 0xff }) else { return nil }
        let order = [3, 2, 1, 0, -1, 5, 4, -1, 7, 6, -1, 8, 9, -1, 10, 11, 12, 13, 14, 15]
        return order.map { $0 < 0 ? "-" : Self.hex(bytes[$0]) }.joined()
    }

    private static func hex(_ byte: UInt8) -> String {
        String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }
}

extension SMBIOSStructure {
    /// Structures of a table; what no machine has.
    private static let most = 4096

    /// Splits a table as the kernel shows it (`/sys/firmware/dmi/tables/DMI`). Stops at the end marker, at the first
    /// structure that does not fit, and after 4,096.
    static func read(_ table: [UInt8]) -> [SMBIOSStructure] {
        var found: [SMBIOSStructure] = []
        var rest = table[...]
        while rest.count >= 4, found.count < most {
            let start = rest.startIndex
            let length = Int(rest[start + 1])
            guard length >= 4, rest.count >= length else { break }
            let formatted = Array(rest.prefix(length))
            rest = rest.dropFirst(length)
            let strings = Self.strings(&rest)
            found.append(
                SMBIOSStructure(
                    type: formatted[0], handle: UInt16(formatted[3]) << 8 | UInt16(formatted[2]), formatted: formatted,
                    strings: strings))
            if formatted[0] == 127 { break }
        }
        return found
    }

    /// Texts that each end with a zero; another zero ends the list. No text at all is two zeros.
    private static func strings(_ rest: inout ArraySlice<UInt8>) -> [String] {
        var strings: [String] = []
        while let end = rest.firstIndex(of: 0) {
            let text = rest[..<end]
            rest = rest[(end + 1)...]
            if text.isEmpty {
                if strings.isEmpty, rest.first == 0 { rest = rest.dropFirst() }
                return strings
            }
            // Firmware fills with blanks, and not all of it is ASCII.
            strings.append(
                String(decoding: text.map { (0x20..<0x7f).contains($0) ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
                    .trimmed)
        }
        rest = []
        return strings
    }
}
