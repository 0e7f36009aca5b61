import Addresses
import Contracts
import JSON

/// `public-ip-validation`: whether the farm's public addresses can be right. Only what needs no stranger is looked at:
/// that an address and its gateway fit together, and that nobody holds it. Whether the internet reaches it is not known, and
/// not claimed: such an address is `skipped`.
struct AddressValidation: PerformanceTask {
    let name = "public-ip-validation"
    let description = "Validates the public addresses of the farm"
    let schedule = PerformanceSchedule(period: 6 * 3600)

    let ledger: any Ledger
    let farm: UInt32

    func run() async throws -> JSONValue {
        let addresses = try await ledger.farm(farm, at: .finalised)?.publicIPs ?? []
        return .object(
            JSONObject(
                members: addresses.map { address in
                    let verdict = Self.verdict(address)
                    return JSONMember(
                        key: address.ip,
                        value: ["state": .string(verdict.state), "reason": .string(verdict.reason)])
                }))
    }

    static func verdict(_ address: PublicIP) -> (state: String, reason: String) {
        guard let range = try? CIDR(parsing: address.ip), let gateway = try? IPAddress(parsing: address.gateway) else {
            return ("invalid", "public ip or gateway data are not valid")
        }
        let own = Array(range.address.bytes)
        let other = Array(gateway.bytes)
        guard own.count == other.count, own != other, Self.share(own, other, bits: range.prefix) else {
            return ("invalid", "the gateway \(address.gateway) is not in the network of \(address.ip)")
        }
        guard address.contract == 0 else { return ("skipped", "public ip is used by contract \(address.contract)") }
        return ("skipped", "fits its gateway; whether the internet reaches it is not tried")
    }

    private static func share(_ left: [UInt8], _ right: [UInt8], bits: Int) -> Bool {
        (0..<min(bits, left.count * 8)).allSatisfy { bit in
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            return left[bit / 8] & mask == right[bit / 8] & mask
        }
    }
}
