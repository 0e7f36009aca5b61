import JSON

extension NodeClient {
    /// What the node has, what is taken, and by how many.
    public func statistics() async throws(ClientError) -> NodeCounters {
        let command = "zos.statistics.get"
        return try await call(command).answer(to: command)
    }

    public func pools() async throws(ClientError) -> [StoragePool] {
        let command = "zos.storage.pools"
        return try await call(command).answers(to: command)
    }

    public func graphicsCards() async throws(ClientError) -> [GraphicsCard] {
        let command = "zos.gpu.list"
        return try await call(command).answers(to: command)
    }
}
