import Contracts
import Glibc

/// The machine as its node registers it (docs/spec/tfchain.md section 12).
struct HostDescription: Sendable {
    /// What the ledger takes of interfaces, and of addresses of one.
    private static let mostInterfaces = 10
    private static let mostAddresses = 10
    private static let nameLengths = 3...20
    private static let serialLengths = 10...50

    let farm: UInt32
    /// Bytes that disks and volumes may take.
    let storage: UInt64
    let machine: MachineFigures
    let location: Location

    func registration() -> NodeRegistration {
        NodeRegistration(
            farm: farm, resources: Resources(sru: storage, cru: machine.cores, mru: machine.memory),
            location: location, interfaces: Self.interfaces(), secureBoot: Self.isSecurelyBooted,
            isVirtualized: Self.isVirtualized, serialNumber: Self.serialNumber)
    }

    /// Links with addresses of their own and a hardware address, by name. What plugins make for workloads has no addresses.
    private static func interfaces() -> [Interface] {
        var addresses: [String: [String]] = [:]
        for (link, address) in HostInterfaces.addresses() { addresses[link, default: []].append(address) }
        let hardware = HostInterfaces.hardwareAddresses()
        let found = addresses.keys.sorted().compactMap { link -> Interface? in
            guard let mac = hardware[link] else { return nil }
            return Interface(
                name: name(link), mac: mac, ips: Array((addresses[link] ?? []).sorted().prefix(mostAddresses)))
        }
        return Array(found.prefix(mostInterfaces))
    }

    /// The ledger takes 3 to 20 characters of `a-z 0-9 - _`.
    static func name(_ link: String) -> String {
        let characters = link.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" ? $0 : "-" }
        let padding = String(repeating: "-", count: max(0, nameLengths.lowerBound - characters.count))
        return String(characters.prefix(nameLengths.upperBound)) + padding
    }

    /// The hypervisor flag of the processor (docs/spec/host-facts.md).
    private static var isVirtualized: Bool {
        guard let text = ProcFile.read("/proc/cpuinfo") else { return false }
        return text.split(separator: "\n").first { $0.hasPrefix("flags") }?.split(separator: " ").contains("hypervisor")
            ?? false
    }

    /// The last byte of the firmware's variable; four bytes of attributes come first.
    private static var isSecurelyBooted: Bool {
        let path = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
        return ProcFile.read(path)?.utf8.last == 1
    }

    private static var serialNumber: String? {
        line("/sys/class/dmi/id/board_serial").flatMap { serialLengths.contains($0.utf8.count) ? $0 : nil }
    }

    private static func line(_ path: String) -> String? {
        let text = ProcFile.read(path)?.split(separator: "\n").first.map(String.init)
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// Times of the machine as the kernel tells them.
enum MachineTime {
    /// Seconds since the machine started.
    static func uptime() -> UInt64 {
        let seconds = ProcFile.read("/proc/uptime")?.split(separator: " ").first.flatMap { Double($0) } ?? 0
        return UInt64(exactly: seconds.rounded(.down)) ?? 0
    }

    /// A number that each boot draws anew; nil where the kernel does not tell.
    static func boot() -> Int64? {
        let digits = ProcFile.read("/proc/sys/kernel/random/boot_id")?.filter(\.isHexDigit).prefix(15)
        return digits.flatMap { Int64($0, radix: 16) }
    }
}
