import PluginSDK

/// The rules that decide whether a deployment is accepted, in the grid's order and with its texts
/// (docs/spec/deployment.md sections 6.7 and 13).
extension Workload<ZMachine> {
    func validate() throws {
        let interfaces = data.network.interfaces ?? []
        try require(interfaces.count == 1, "only one network private network is supported at the moment")
        try require(interfaces.allSatisfy { !$0.ip.isEmpty }, "invalid IP")
        try require(data.computeCapacity.cpu != 0, "cpu capacity can't be 0")
        try require(data.computeCapacity.memory >= 250 << 20, "mem capacity can't be less that 250M")
        let minimum = RootDisk.minimum(data)
        try require(
            data.size == 0 || data.size >= minimum,
            "disk size can't be less that \(minimum). Set to 0 for minimum")
        try validatePublicIP()
        for interface in interfaces {
            try require(
                !["ygg", "pub", "mycelium"].contains { same($0, interface.network) },
                "'\(interface.network)' is reserved network name")
        }
        if let mycelium = data.network.mycelium {
            try require(mycelium.seed.utf8.count == 12, "invalid mycelium seed length expected 6 bytes")
        }
    }

    private func validatePublicIP() throws {
        let name = data.network.publicIP
        guard !name.isEmpty else { return }
        let target = siblings.first { same($0.name, name) }
        guard let target, !same(target.name, self.name) else { throw PluginError.invalid("public ip is not found") }
        try require(
            same(target.type, "ip") || same(target.type, "ipv4"),
            "public ip '\(name)' is a \(target.type), not an ip")
        let others = siblings.filter {
            same($0.type, type) && same($0.data?["network"]?["public_ip"]?.stringValue ?? "", name)
        }
        try require(others.isEmpty, "public ip is assigned to multiple vms")
    }

    private func require(_ condition: Bool, _ message: String) throws {
        guard condition else { throw PluginError.invalid(message) }
    }
}

/// Whether two texts have the same bytes; `==` takes different spellings of a letter for the same.
func same(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
