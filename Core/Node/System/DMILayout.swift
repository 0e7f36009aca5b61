/// Names of a structure type and where its properties lie (SMBIOS 3.7 section 7), for the types that say something
/// about a machine; others show their title alone.
struct DMILayout: Sendable {
    struct Property: Sendable, Hashable {
        let name: String
        let value: String
        var items: [String] = []
    }

    /// How a property is written in its structure.
    private enum Form: Sendable {
        case text(Int)
        case uuid(Int)
        case byte(Int)
        case word(Int, unit: String)
        /// 64 KiB units, less one.
        case romSize(Int)
        /// KiB.
        case kibibytes(Int)
        /// Megabytes, or kilobytes with the highest bit set; larger ones elsewhere.
        case memorySize(Int, extended: Int)
    }

    /// As the reference names the type.
    let name: String
    let title: String
    private let fields: [(name: String, form: Form)]
    /// Whether all strings of the structure are the items of one property of this name.
    private var list: String?

    private init(_ name: String, _ title: String, _ fields: [(String, Form)] = [], list: String? = nil) {
        self.name = name
        self.title = title
        self.fields = fields.map { (name: $0.0, form: $0.1) }
        self.list = list
    }

    static func of(_ type: UInt8) -> DMILayout { known[type] ?? DMILayout("OEM", "OEM-specific Type \(type)") }

    func properties(_ structure: SMBIOSStructure) -> [Property] {
        if let list {
            return [Property(name: list, value: "\(structure.strings.count)", items: structure.strings)]
        }
        return fields.compactMap { field in
            Self.value(field.form, structure).map { Property(name: field.name, value: $0) }
        }
    }

    private static func value(_ form: Form, _ structure: SMBIOSStructure) -> String? {
        switch form {
        case .text(let offset):
            return offset < structure.formatted.count ? structure.string(offset) ?? "Not Specified" : nil
        case .uuid(let offset): return structure.uuid(offset)
        case .byte(let offset): return structure.byte(offset).map { "\($0)" }
        case .word(let offset, let unit):
            return structure.word(offset).map { $0 == 0 ? "Unknown" : "\($0) \(unit)".trimmed }
        case .romSize(let offset):
            return structure.byte(offset).flatMap { $0 == 0xff ? nil : "\((Int($0) + 1) * 64) kB" }
        case .kibibytes(let offset):
            return structure.double(offset).flatMap { $0 == 0x8000_0000 ? nil : "\($0) kB" }
        case .memorySize(let offset, let extended):
            guard let size = structure.word(offset) else { return nil }
            switch size {
            case 0: return "No Module Installed"
            case 0xffff: return "Unknown"
            case 0x7fff: return structure.double(extended).map { "\($0 & 0x7fff_ffff) MB" }
            default: return size & 0x8000 == 0 ? "\(size) MB" : "\(size & 0x7fff) kB"
            }
        }
    }

    private static let asset: [(String, Form)] = [
        ("Manufacturer", .text(4)), ("Product Name", .text(5)), ("Version", .text(6)), ("Serial Number", .text(7)),
    ]

    private static let known: [UInt8: DMILayout] = [
        0: DMILayout(
            "BIOS", "BIOS Information",
            [("Vendor", .text(4)), ("Version", .text(5)), ("Release Date", .text(8)), ("ROM Size", .romSize(9))]),
        1: DMILayout(
            "System", "System Information",
            asset + [("UUID", .uuid(8)), ("SKU Number", .text(0x19)), ("Family", .text(0x1a))]),
        2: DMILayout(
            "BaseBoard", "Base Board Information",
            asset + [("Asset Tag", .text(8)), ("Location In Chassis", .text(0x0a))]),
        3: DMILayout(
            "Chassis", "Chassis Information",
            [
                ("Manufacturer", .text(4)), ("Type", .byte(5)), ("Version", .text(6)), ("Serial Number", .text(7)),
                ("Asset Tag", .text(8)),
            ]),
        4: DMILayout(
            "Processor", "Processor Information",
            [
                ("Socket Designation", .text(4)), ("Manufacturer", .text(7)), ("Version", .text(0x10)),
                ("Max Speed", .word(0x14, unit: "MHz")), ("Current Speed", .word(0x16, unit: "MHz")),
                ("Serial Number", .text(0x20)), ("Part Number", .text(0x22)), ("Core Count", .byte(0x23)),
                ("Core Enabled", .byte(0x24)), ("Thread Count", .byte(0x25)),
            ]),
        7: DMILayout("Cache", "Cache Information", [("Socket Designation", .text(4))]),
        8: DMILayout("PortConnector", "Port Connector Information", [("Internal Reference Designator", .text(4))]),
        9: DMILayout("SystemSlots", "System Slot Information", [("Designation", .text(4))]),
        11: DMILayout("OEMStrings", "OEM Strings", list: "Strings"),
        12: DMILayout("SystemConfigurationOptions", "System Configuration Options", list: "Options"),
        13: DMILayout("BIOSLanguage", "BIOS Language Information", list: "Installable Languages"),
        16: DMILayout(
            "PhysicalMemoryArray", "Physical Memory Array",
            [("Maximum Capacity", .kibibytes(7)), ("Number Of Devices", .word(0x0d, unit: ""))]),
        17: DMILayout(
            "MemoryDevice", "Memory Device",
            [
                ("Total Width", .word(8, unit: "bits")), ("Data Width", .word(0x0a, unit: "bits")),
                ("Size", .memorySize(0x0c, extended: 0x1c)), ("Locator", .text(0x10)), ("Bank Locator", .text(0x11)),
                ("Speed", .word(0x15, unit: "MT/s")), ("Manufacturer", .text(0x17)), ("Serial Number", .text(0x18)),
                ("Asset Tag", .text(0x19)), ("Part Number", .text(0x1a)),
            ]),
        19: DMILayout("MemoryArrayMappedAddress", "Memory Array Mapped Address"),
        20: DMILayout("MemoryDeviceMappedAddress", "Memory Device Mapped Address"),
        32: DMILayout("SystemBoot", "System Boot Information"),
        38: DMILayout("IPMIDevice", "IPMI Device Information"),
        41: DMILayout("OnboardDevice", "Onboard Device", [("Reference Designation", .text(4))]),
        43: DMILayout("TPMDevice", "TPM Device"),
    ]
}
