import Addresses
import JSON
import PluginSDK

/// Which of the contract's addresses a workload gets (docs/spec/workloads.md section 5.1, steps 2 and 3).
///
/// Addresses are compared as addresses, never as text: an odd spelling on the chain would give one address twice.
struct AddressChoice {
    struct Address: Sendable, Hashable {
        let range: CIDR
        let gateway: IPv4Address
    }

    /// The addresses that may be tried, in order: the one that the workload has already, or those that no other one
    /// of the deployment holds. Throws if the contract has fewer than the deployment wants, or what it has is no
    /// address.
    static func candidates(for workload: Workload<PublicIP>) throws -> [Address] {
        let reserved = try workload.reserved.map(parse)
        if let held = try held(by: workload, reserved) { return [held] }
        let wanted = 1 + workload.siblings.filter(wantsV4).count
        guard wanted <= reserved.count else {
            throw PluginError.invalid(
                "the deployment wants \(wanted) public IPv4 addresses, its contract has \(reserved.count)")
        }
        let taken = Set(workload.siblings.filter(\.isActive).compactMap { holding($0.result) })
        let free = reserved.filter { !taken.contains($0.range.address) }
        guard !free.isEmpty else {
            throw PluginError.invalid("the other workloads hold all public addresses of the contract")
        }
        return free
    }

    /// The global address that a machine with this MAC makes itself from the router's advertisement: the first global
    /// unicast prefix of the exit and EUI-64.
    static func v6(_ mac: MACAddress, in addresses: [String]) throws -> CIDR {
        for text in addresses {
            // Ranges of the other family, or none at all, are not what is looked for.
            guard let range = try? CIDR(parsing: text), case .v6(let prefix) = range.address, prefix.isGlobal,
                let address = CIDR(.v6(IPv6Address(prefix: prefix, interface: mac)), prefix: 64)
            else { continue }
            return address
        }
        throw PluginError.invalid("the public exit of this node has no global IPv6 range; ask for v4 only")
    }

    private static func parse(_ reserved: ReservedAddress) throws -> Address {
        guard let range = try? CIDR(parsing: reserved.ip), let address = range.address.v4,
            let gateway = try? IPv4Address(parsing: reserved.gateway)
        else {
            throw PluginError.failed(
                "the contract's public address '\(reserved.ip)' with gateway '\(reserved.gateway)' is malformed")
        }
        guard range.contains(.v4(gateway)), gateway != address else {
            throw PluginError.failed("the gateway \(gateway) of the contract's address \(range) lies outside its range")
        }
        return Address(range: range, gateway: gateway)
    }

    /// What the workload has been given before; it stays, unless the contract no longer has it.
    private static func held(by workload: Workload<PublicIP>, _ reserved: [Address]) throws -> Address? {
        guard let address = holding(workload.previousResult) else { return nil }
        guard let kept = reserved.first(where: { $0.range.address == address }) else {
            throw PluginError.invalid("the contract no longer has the address \(address) of this workload")
        }
        return kept
    }

    private static func holding(_ result: JSONValue?) -> IPAddress? {
        // An empty text is a workload without IPv4.
        (result?["ip"]?.stringValue).flatMap { try? CIDR(parsing: $0) }?.address
    }

    private static func wantsV4(_ sibling: Sibling) -> Bool {
        guard sibling.state != "deleted", sibling.state != "error" else { return false }
        return sibling.type == "ipv4" || sibling.type == "ip" && sibling.data?["v4"]?.boolValue == true
    }
}

extension Sibling {
    /// Whether it holds what its result says: running or paused.
    fileprivate var isActive: Bool { state == "ok" || state == "paused" }
}

extension IPv6Address {
    /// Global unicast, and neither of the overlay (200::/7) nor unique local.
    fileprivate var isGlobal: Bool {
        !isUnspecified && !isLoopback && !isLinkLocal && !isUniqueLocal && !isMulticast && high >> 57 != 1
    }
}
