/// A small shared object, byte by byte, with what a test wants in its dynamic table.
struct ElfSample {
    var machine: UInt16 = {
        #if arch(x86_64)
            62
        #else
            183
        #endif
    }()
    var type: UInt16 = 3
    /// Tags and the texts that they name.
    var entries: [(tag: UInt64, text: String)] = [(1, "libc.so.6")]
    /// Further tags and values.
    var extra: [(tag: UInt64, value: UInt64)] = []

    var bytes: [UInt8] {
        var strings: [UInt8] = [0]
        var dynamic: [(UInt64, UInt64)] = []
        for entry in entries {
            dynamic.append((entry.tag, UInt64(strings.count)))
            strings += Array(entry.text.utf8) + [0]
        }
        dynamic += extra.map { ($0.tag, $0.value) }
        let stringsOffset = UInt64(64 + 2 * 56)
        let dynamicOffset = stringsOffset + UInt64(strings.count)
        dynamic += [(5, 0x1000 + stringsOffset), (10, UInt64(strings.count)), (0, 0)]
        let size = dynamicOffset + UInt64(dynamic.count * 16)
        var output: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + Array(repeating: 0, count: 9)
        append(&output, type)
        append(&output, machine)
        append(&output, UInt32(1))
        for value: UInt64 in [0, 64, 0] { append(&output, value) }
        append(&output, UInt32(0))
        for value: UInt16 in [64, 56, 2, 64, 0, 0] { append(&output, value) }
        appendSegment(&output, type: 1, offset: 0, address: 0x1000, size: size)
        appendSegment(
            &output, type: 2, offset: dynamicOffset, address: 0x1000 + dynamicOffset, size: UInt64(dynamic.count * 16))
        output += strings
        for (tag, value) in dynamic {
            append(&output, tag)
            append(&output, value)
        }
        return output
    }

    private func append<T: FixedWidthInteger>(_ output: inout [UInt8], _ value: T) {
        withUnsafeBytes(of: value.littleEndian) { output += $0 }
    }

    private func appendSegment(_ output: inout [UInt8], type: UInt32, offset: UInt64, address: UInt64, size: UInt64) {
        append(&output, type)
        append(&output, UInt32(4))
        for value in [offset, address, address, size, size, 8] { append(&output, value) }
    }
}
