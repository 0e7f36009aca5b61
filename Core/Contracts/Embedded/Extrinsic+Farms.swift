import Addresses

// docs/spec/ledger.md section 5.
extension Extrinsic {
    mutating func createFarm(_ account: AccountID, _ name: String, _ ips: [PublicIP]) throws {
        let twin = try twin(of: account, .grid)
        guard try state.value(.farmByName(name), as: UInt32.self) == nil else { throw LedgerError.grid("FarmExists") }
        guard name.utf8.count >= 3 else { throw LedgerError.grid("FarmNameTooShort") }
        guard name.utf8.count <= 40 else { throw LedgerError.grid("FarmNameTooLong") }
        guard name.utf8.allSatisfy({ $0.isLetterOrDigit || $0.isDash }) else {
            throw LedgerError.grid("InvalidFarmName")
        }
        var kept: [PublicIP] = []
        for ip in ips {
            try checkAddress(ip.ip, ip.gateway)
            guard !kept.contains(where: { $0.ip == ip.ip }) else { throw LedgerError.grid("IpExists") }
            kept.append(PublicIP(ip: ip.ip, gateway: ip.gateway))
        }
        let id = UInt32(truncatingIfNeeded: try state.next(.lastFarm))
        let farm = Farm(id: id, name: name, twin: twin, publicIPs: kept)
        try state.set(.farm(id), farm)
        try state.set(.farmByName(name), id)
        emit(.farmStored(farm: farm))
    }

    mutating func addFarmIP(_ account: AccountID, _ id: UInt32, _ ip: String, _ gateway: String) throws {
        var farm = try ownFarm(account, id)
        try checkAddress(ip, gateway)
        guard !farm.publicIPs.contains(where: { $0.ip == ip }) else { throw LedgerError.grid("IpExists") }
        farm.publicIPs.append(PublicIP(ip: ip, gateway: gateway))
        try state.set(.farm(id), farm)
        emit(.farmUpdated(farm: farm))
    }

    mutating func removeFarmIP(_ account: AccountID, _ id: UInt32, _ ip: String) throws {
        var farm = try ownFarm(account, id)
        guard let index = farm.publicIPs.firstIndex(where: { $0.ip == ip && $0.contract == 0 }) else {
            throw LedgerError.grid("IpNotExists")
        }
        farm.publicIPs.remove(at: index)
        try state.set(.farm(id), farm)
        emit(.farmUpdated(farm: farm))
    }

    private func ownFarm(_ account: AccountID, _ id: UInt32) throws -> Farm {
        let twin = try twin(of: account, .grid)
        let farm = try farm(id, .grid)
        guard farm.twin == twin else { throw LedgerError.grid("CannotUpdateFarmWrongTwin") }
        return farm
    }

    /// An IPv4 with prefix length and another address of the same network as gateway, both public unicast.
    private func checkAddress(_ ip: String, _ gateway: String) throws {
        guard let range = try? CIDR(parsing: ip), let address = range.address.v4,
            let router = try? IPv4Address(parsing: gateway),
            range.contains(.v4(router)), router != address, address.isPublicUnicast, router.isPublicUnicast
        else { throw LedgerError.grid("InvalidPublicIP") }
    }
}

extension IPv4Address {
    fileprivate var isPublicUnicast: Bool {
        let isShared = value >> 22 == 0x191  // 100.64.0.0/10
        let isReserved = value >> 28 >= 0xe  // multicast and above
        return value >> 24 != 0 && !isPrivate && !isLoopback && !isLinkLocal && !isShared && !isReserved
    }
}
