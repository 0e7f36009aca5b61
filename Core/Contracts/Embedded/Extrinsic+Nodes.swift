// docs/spec/ledger.md section 5.
extension Extrinsic {
    private static let gibibyte: UInt64 = 1 << 30

    mutating func createNode(_ account: AccountID, _ registration: NodeRegistration) throws {
        _ = try farm(registration.farm, .grid)
        let twin = try twin(of: account, .grid)
        guard try state.value(.nodeByTwin(twin), as: UInt32.self) == nil else {
            throw LedgerError.grid("NodeWithTwinIdExists")
        }
        try check(registration)
        let id = UInt32(truncatingIfNeeded: try state.next(.lastNode))
        let node = Node(id: id, twin: twin, registration: registration, created: seconds)
        try state.set(.node(id), node)
        try state.set(.nodeByTwin(twin), id)
        try state.set(.nodesOfFarm(node.farm), (try state.value(.nodesOfFarm(node.farm)) ?? []) + [id])
        emit(.nodeStored(node: node))
    }

    mutating func updateNode(_ account: AccountID, _ id: UInt32, _ registration: NodeRegistration) throws {
        let twin = try twin(of: account, .grid)
        var node = try node(id, .grid)
        guard node.twin == twin else { throw LedgerError.grid("NodeUpdateNotAuthorized") }
        _ = try farm(registration.farm, .grid)
        try check(registration)
        if node.farm != registration.farm {
            let left: [UInt32] = (try state.value(.nodesOfFarm(node.farm)) ?? []).filter { $0 != id }
            try state.set(.nodesOfFarm(node.farm), left)
            try state.set(
                .nodesOfFarm(registration.farm), (try state.value(.nodesOfFarm(registration.farm)) ?? []) + [id])
        }
        node.registration = registration
        try state.set(.node(id), node)
        emit(.nodeUpdated(node: node))
    }

    mutating func setPublicConfig(_ account: AccountID, _ farm: UInt32, _ id: UInt32, _ config: PublicConfig?) throws {
        let twin = try twin(of: account, .grid)
        let owned = try self.farm(farm, .grid)
        guard owned.twin == twin else { throw LedgerError.grid("CannotUpdateFarmWrongTwin") }
        var node = try node(id, .grid)
        guard node.farm == farm else { throw LedgerError.grid("NodeUpdateNotAuthorized") }
        node.publicConfig = config
        try state.set(.node(id), node)
        emit(.nodePublicConfigStored(node: id, config: config))
    }

    mutating func changePowerState(_ account: AccountID, _ isUp: Bool) throws {
        let node = try node(of: account, .grid)
        var power: NodePower = try state.value(.power(node.id)) ?? NodePower()
        guard (power.state == .up) != isUp else { return }
        power.state = isUp ? .up : .down(block: state.block)
        try state.set(.power(node.id), power)
        emit(.powerStateChanged(farm: node.farm, node: node.id, state: power.state))
    }

    mutating func changePowerTarget(_ account: AccountID, _ id: UInt32, _ target: NodePower.Target) throws {
        let twin = try twin(of: account, .grid)
        let node = try node(id, .grid)
        guard try farm(node.farm, .grid).twin == twin else { throw LedgerError.grid("UnauthorizedToChangePowerTarget") }
        if target == .down {
            guard try activeContracts(id).isEmpty, try state.value(.rent(id), as: UInt64.self) == nil else {
                throw LedgerError.grid("NodeHasActiveContracts")
            }
        }
        var power: NodePower = try state.value(.power(id)) ?? NodePower()
        power.target = target
        try state.set(.power(id), power)
        emit(.powerTargetChanged(farm: node.farm, node: id, target: target))
    }

    mutating func reportUptime(_ account: AccountID, _ uptime: UInt64, _ hint: UInt64) throws {
        let node = try node(of: account, .grid)
        guard hint > seconds ? hint - seconds <= 60 : seconds - hint <= 60 else {
            throw LedgerError.grid("InvalidTimestampHint")
        }
        emit(.nodeUptimeReported(node: node.id, now: seconds, uptime: uptime))
    }

    mutating func deleteNode(_ account: AccountID, _ id: UInt32) throws {
        let twin = try twin(of: account, .grid)
        let node = try node(id, .grid)
        guard try farm(node.farm, .grid).twin == twin else { throw LedgerError.grid("FarmerNotAuthorized") }
        for contract in try activeContracts(id) { try remove(try self.contract(contract)) }
        if let rent: UInt64 = try state.value(.rent(id)) { try remove(try contract(rent)) }
        let left: [UInt32] = (try state.value(.nodesOfFarm(node.farm)) ?? []).filter { $0 != id }
        try state.set(.nodesOfFarm(node.farm), left)
        for key in [LedgerKey.node(id), .nodeByTwin(node.twin), .power(id), .extraFee(id), .active(id)] {
            try state.remove(key)
        }
        emit(.nodeDeleted(node: id))
    }

    private func check(_ node: NodeRegistration) throws {
        guard node.resources.sru >= 100 * Self.gibibyte else { throw LedgerError.grid("InvalidSRUInput") }
        guard node.resources.cru >= 1 else { throw LedgerError.grid("InvalidCRUInput") }
        guard node.resources.mru >= 2 * Self.gibibyte else { throw LedgerError.grid("InvalidMRUInput") }
        try check(node.location.city, from: 1, to: 58, "CityName")
        try check(node.location.country, from: 2, to: 56, "CountryName")
        try check(node.location.latitude, from: 1, to: 50, "LatitudeInput")
        try check(node.location.longitude, from: 1, to: 50, "LongitudeInput")
        guard isAngle(node.location.latitude, within: 90) else { throw LedgerError.grid("InvalidLatitudeInput") }
        guard isAngle(node.location.longitude, within: 180) else { throw LedgerError.grid("InvalidLongitudeInput") }
        for interface in node.interfaces {
            try check(interface.name, from: 3, to: 20, "InterfaceName")
            guard interface.name.utf8.allSatisfy({ $0.isLowerOrDigit || $0.isDash }) else {
                throw LedgerError.grid("InvalidInterfaceName")
            }
        }
    }

    private func check(_ text: String, from least: Int, to most: Int, _ name: String) throws {
        guard text.utf8.count >= least else { throw LedgerError.grid(name + "TooShort") }
        guard text.utf8.count <= most else { throw LedgerError.grid(name + "TooLong") }
    }

    private func isAngle(_ text: String, within bound: Double) -> Bool {
        text == "Unknown" || Double(text).map { abs($0) <= bound } ?? false
    }
}
