import JSON

/// What the firmware says about the machine, as `zos.system.dmi` answers it (docs/spec/node-api.md section 6).
struct DMITable: Sendable {
    /// Bytes of a table; real ones have a few thousand.
    private static let limit = 1 << 20

    let structures: [SMBIOSStructure]

    /// Reads the kernel's copy of the table, else the few texts that every kernel shows; nil if there are neither,
    /// as in containers and small virtual machines.
    init?(_ files: HostFiles) {
        if let table = files.bytes("/sys/firmware/dmi/tables/DMI", limit: Self.limit), !table.isEmpty {
            structures = SMBIOSStructure.read(table)
        } else {
            structures = Self.named(files)
        }
        guard !structures.isEmpty else { return nil }
    }

    var json: JSONValue {
        [
            "tooling": ["aggregator": .string("zos \(NodeVersion.text)"), "decoder": "zos smbios 1"],
            "sections": .array(structures.filter { $0.type != 127 }.map(Self.section)),
        ]
    }

    private static func section(_ structure: SMBIOSStructure) -> JSONValue {
        let layout = DMILayout.of(structure.type)
        var part: JSONObject = ["title": .string(layout.title)]
        let properties = layout.properties(structure)
        if !properties.isEmpty {
            part["properties"] = .object(
                JSONObject(
                    members: properties.map { property in
                        var value: JSONObject = ["value": .string(property.value)]
                        if !property.items.isEmpty { value["items"] = .array(property.items.map { .string($0) }) }
                        return JSONMember(key: property.name, value: .object(value))
                    }))
        }
        let handle = String(structure.handle, radix: 16, uppercase: true)
        let padded = String(repeating: "0", count: max(0, 4 - handle.utf8.count)) + handle
        return [
            "handleline": .string(
                "Handle 0x\(padded), DMI type \(structure.type), \(structure.formatted.count) bytes"),
            "typestr": .string(layout.name), "typenum": .number(JSONNumber(structure.type)),
            "subsections": [.object(part)],
        ]
    }

    /// Structures 0 to 3 made from the texts below `/sys/class/dmi/id`, which anybody may read.
    private static func named(_ files: HostFiles) -> [SMBIOSStructure] {
        let sources: [(type: UInt8, files: [String?])] = [
            (0, ["bios_vendor", "bios_version", nil, nil, "bios_date"]),
            (1, ["sys_vendor", "product_name", "product_version", "product_serial"]),
            (2, ["board_vendor", "board_name", "board_version", "board_serial", "board_asset_tag"]),
            (3, ["chassis_vendor", nil, "chassis_version", "chassis_serial", "chassis_asset_tag"]),
        ]
        return sources.compactMap { source in
            var strings: [String] = []
            var formatted: [UInt8] = [source.type, 0, source.type, 0]
            for file in source.files {
                guard let file, let text = files.line("/sys/class/dmi/id/" + file), !text.isEmpty else {
                    formatted.append(0)
                    continue
                }
                strings.append(text)
                formatted.append(UInt8(strings.count))
            }
            formatted[1] = UInt8(formatted.count)
            guard !strings.isEmpty else { return nil }
            return SMBIOSStructure(
                type: source.type, handle: UInt16(source.type), formatted: formatted, strings: strings)
        }
    }
}
