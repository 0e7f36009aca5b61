/// What `zos.system.node_features_get` lists: the types of loaded plugins, what those plugins add, and the ways by which
/// machines and users reach each other here.
enum NodeFeatures {
    /// - Parameters:
    ///   - order: the grid's order; what it does not name comes last, by name.
    /// - Returns: each once.
    static func list(types: [String], added: [String], transports: [String], order: [String]) -> [String] {
        let all = Set(types + added + transports)
        let known = order.filter { all.contains($0) }
        return known + all.subtracting(known).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
