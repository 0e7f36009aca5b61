import JSON

/// The graphics cards on the PCI bus (docs/spec/node-api.md section 4).
struct GraphicsCards: Sendable {
    struct Card: Sendable, Hashable {
        /// `<slot>/<vendor>/<device>`, the latter two as 4 hex digits.
        let id: String
        let vendor: String
        let device: String
        /// Bytes.
        let memory: UInt64
    }

    private static let folder = "/sys/bus/pci/devices"
    let files: HostFiles

    /// - Throws: nothing: a machine without a PCI bus has no cards.
    func list() -> [Card] {
        let slots = files.names(Self.folder).filter {
            files.line("\(Self.folder)/\($0)/class")?.hasPrefix("0x03") == true
        }
        guard !slots.isEmpty else { return [] }
        let names = PCINames(files)
        return slots.compactMap { slot in
            guard let vendor = number(slot, "vendor"), let device = number(slot, "device") else { return nil }
            let name = names.name(vendor: vendor, device: device)
            return Card(
                id: "\(slot)/\(vendor)/\(device)", vendor: name.vendor, device: name.device, memory: memory(slot))
        }
    }

    /// The four digits after `0x`.
    private func number(_ slot: String, _ file: String) -> String? {
        guard let text = files.line("\(Self.folder)/\(slot)/\(file)"), text.hasPrefix("0x"), text.utf8.count == 6,
            UInt16(text.dropFirst(2), radix: 16) != nil
        else { return nil }
        return text.dropFirst(2).lowercased()
    }

    /// What the driver says, else the largest memory window, which is how far the processor can see.
    private func memory(_ slot: String) -> UInt64 {
        if let total = files.line("\(Self.folder)/\(slot)/mem_info_vram_total").flatMap({ UInt64($0) }) { return total }
        let windows = (files.text("\(Self.folder)/\(slot)/resource") ?? "").split(separator: "\n").prefix(6)
        return windows.reduce(0) { largest, line in
            let words = line.split(separator: " ").map { UInt64($0.dropFirst(2), radix: 16) ?? 0 }
            // IORESOURCE_MEM of linux/ioport.h.
            guard words.count == 3, words[2] & 0x200 != 0, words[1] > words[0] else { return largest }
            let size = (words[1] - words[0]).addingReportingOverflow(1)
            return max(largest, size.overflow ? 0 : size.partialValue)
        }
    }
}

/// Names of PCI vendors and devices from the list that Linux distributions carry (pci.ids(5)).
struct PCINames: Sendable {
    private static let paths = ["/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids"]
    /// The list has 1.5 MB.
    private static let limit = 8 << 20

    private let text: [UInt8]

    init(_ files: HostFiles) {
        text = Self.paths.lazy.compactMap { files.bytes($0, limit: Self.limit) }.first ?? []
    }

    /// `unknown` for what the list does not have, or without a list. Numbers are 4 hex digits in lower case.
    func name(vendor: String, device: String) -> (vendor: String, device: String) {
        var found: String?
        for line in text.split(separator: UInt8(ascii: "\n")) {
            if found == nil {
                if let name = Self.name(line, vendor) { found = name }
                continue
            }
            // Devices of the vendor are indented by one tab, and end with the next vendor.
            guard line.first == UInt8(ascii: "\t") else {
                if line.first == UInt8(ascii: "#") { continue }
                break
            }
            if let name = Self.name(line.dropFirst(), device) { return (found ?? "unknown", name) }
        }
        return (found ?? "unknown", "unknown")
    }

    private static func name(_ line: ArraySlice<UInt8>, _ number: String) -> String? {
        guard line.starts(with: number.utf8), line.dropFirst(4).first == UInt8(ascii: " ") else { return nil }
        return String(decoding: line.dropFirst(4), as: UTF8.self).trimmed
    }
}
