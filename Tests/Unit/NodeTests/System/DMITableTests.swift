import JSON
import Testing

@testable import Node

@Suite("The firmware's table")
struct DMITableTests {
    /// A structure with its strings, as firmware writes it.
    private func structure(_ type: UInt8, _ handle: UInt8, _ body: [UInt8], _ strings: [String]) -> [UInt8] {
        var bytes: [UInt8] = [type, UInt8(4 + body.count), handle, 0] + body
        for string in strings { bytes += Array(string.utf8) + [0] }
        return bytes + (strings.isEmpty ? [0, 0] : [0])
    }

    private var table: [UInt8] {
        let system: [UInt8] = [1, 2, 0, 3] + (0..<16).map { UInt8($0) } + [6, 0, 0]
        let memory: [UInt8] = [
            0, 0, 0, 0, 72, 0, 64, 0, 0, 0x40, 9, 0, 1, 2, 0x1a, 0, 0, 0x80, 0x0c, 3, 0, 0, 0, 0, 0, 0, 0, 0,
        ]
        return structure(0, 0, [1, 2, 0, 0xe8, 3, 15], ["Firm", "1.0", "01/02/2026 "])
            + structure(1, 1, system, ["Maker", "Box", "S\u{7f}1"]) + structure(11, 2, [2], ["one", "two"])
            + structure(17, 3, memory, ["DIMM 0", "BANK 0", "Chips"]) + structure(200, 4, [], [])
            + structure(127, 5, [], []) + structure(1, 6, [], [])
    }

    @Test("structures become sections with titles, properties and lists, up to the end marker")
    func sections() throws {
        let files = try FakeFiles()
        try files.write(table, to: "/sys/firmware/dmi/tables/DMI")
        let json = try #require(DMITable(files.files)).json
        let sections = try #require(json["sections"]?.arrayValue)
        #expect(sections.map { $0["typenum"]?.intValue } == [0, 1, 11, 17, 200])
        #expect(sections[1]["handleline"] == "Handle 0x0001, DMI type 1, 27 bytes")
        #expect(sections[1]["typestr"] == "System")
        let system = sections[1]["subsections"]?[0]
        #expect(system?["title"] == "System Information")
        #expect(system?["properties"]?["Product Name"]?["value"] == "Box")
        #expect(system?["properties"]?["Version"]?["value"] == "Not Specified")
        #expect(system?["properties"]?["Serial Number"]?["value"] == "S.1", "no control characters")
        #expect(system?["properties"]?["UUID"]?["value"] == "03020100-0504-0706-0809-0a0b0c0d0e0f")
        #expect(sections[0]["subsections"]?[0]?["properties"]?["ROM Size"]?["value"] == "1024 kB")
        #expect(sections[2]["subsections"]?[0]?["properties"]?["Strings"]?["items"] == ["one", "two"])
        #expect(sections[3]["subsections"]?[0]?["properties"]?["Size"]?["value"] == "16384 MB")
        #expect(sections[4]["subsections"]?[0]?["properties"] == nil)
    }

    @Test("without the table the kernel's texts are shown, and without those there is none")
    func fallback() throws {
        let files = try FakeFiles([
            "/sys/class/dmi/id/sys_vendor": "Maker\n", "/sys/class/dmi/id/product_name": "Box\n",
        ])
        let json = try #require(DMITable(files.files)).json
        #expect(json["sections"]?[0]?["subsections"]?[0]?["properties"]?["Product Name"]?["value"] == "Box")
        #expect(DMITable(try FakeFiles().files) == nil)
    }

    @Test("no cut and no flipped byte of a table is a crash")
    func damage() {
        let whole = table
        for length in 0...whole.count { _ = SMBIOSStructure.read(Array(whole.prefix(length))) }
        for index in whole.indices {
            for value in [UInt8(0), 1, 3, 0x7f, 0xff] {
                var bytes = whole
                bytes[index] = value
                for structure in SMBIOSStructure.read(bytes) { _ = DMILayout.of(structure.type).properties(structure) }
            }
        }
        #expect(SMBIOSStructure.read(whole).count == 6)
    }
}
