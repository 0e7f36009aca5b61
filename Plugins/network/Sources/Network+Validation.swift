import PluginSDK

extension Network {
    /// The checks that every node makes before it accepts a deployment, with the grid's texts
    /// (docs/spec/deployment.md sections 6.5 and 13). What is stricter is checked by `NetworkPlan`, at provision.
    func validate() throws {
        try require(!range.isEmpty, "network IP range cannot be empty")
        try require(!subnet.isEmpty, "network resource subnet cannot empty")
        try require(!privateKey.revealed.isEmpty, "network resource wireguard private key cannot empty")
        for peer in peers ?? [] {
            try require(!peer.subnet.isEmpty, "peer wireguard subnet cannot empty")
            try require(!(peer.allowedIPs ?? []).isEmpty, "peer wireguard allowedIPs cannot empty")
            try require(!peer.publicKey.isEmpty, "peer wireguard public key cannot empty")
        }
        guard let mycelium else { return }
        try require(mycelium.hexKey.revealed.utf8.count == 64, "invalid mycelium key length, expected 32")
        try require((mycelium.peers ?? []).isEmpty, "user defined peers list is not supported right now")
    }

    private func require(_ condition: Bool, _ message: String) throws {
        guard condition else { throw PluginError.invalid(message) }
    }
}
