import CHost

/// Which hypervisor the node itself runs under, found as systemd-detect-virt(1) finds it, from files and the processor.
struct Hypervisor: Sendable {
    let files: HostFiles
    let facts: NodeFacts
    /// The processor's word (leaf 0x40000000); nil without a hypervisor that says so.
    let processor: @Sendable () -> String?

    init(
        files: HostFiles, facts: NodeFacts = .table,
        processor: @escaping @Sendable () -> String? = Hypervisor.signature
    ) {
        self.files = files
        self.facts = facts
        self.processor = processor
    }

    /// Its name; empty on bare metal.
    func name() -> String {
        let firmware = self.firmware()
        if let firmware, facts.beforeProcessor.contains(firmware) { return firmware }
        if let word = processor() {
            // Unknown words come last: the firmware may know better.
            if let known = facts.processor[word] { return known }
            return firmware ?? deviceTree() ?? "vm-other"
        }
        // The first domain of Xen rules the machine, it is not a guest.
        if files.line("/sys/hypervisor/type") == "xen" {
            return files.text("/proc/xen/capabilities")?.contains("control_d") == true ? "" : "xen"
        }
        return firmware ?? deviceTree() ?? ""
    }

    private func firmware() -> String? {
        for file in ["product_name", "sys_vendor", "board_vendor", "bios_vendor", "product_version"] {
            guard let text = files.line("/sys/class/dmi/id/" + file) else { continue }
            if let match = facts.firmware.first(where: { text.utf8.starts(with: $0.beginning.utf8) }) {
                return match.name
            }
        }
        return nil
    }

    /// Of machines without such firmware.
    private func deviceTree() -> String? {
        guard let text = files.line("/proc/device-tree/hypervisor/compatible") else { return nil }
        if text == "linux,kvm" { return "kvm" }
        if text.contains("xen") { return "xen" }
        return text.contains("vmware") ? "vmware" : "vm-other"
    }

    private static func signature() -> String? {
        var text = [CChar](repeating: 0, count: 13)
        guard zos_hypervisor_signature(&text) == 1 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
