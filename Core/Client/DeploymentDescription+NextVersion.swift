import Deployments

extension DeploymentDescription {
    /// The next version: workloads that did not change keep the version in which they last did.
    /// - Throws: `invalid` for data that does not decode.
    public func nextVersion(of old: Deployment) throws(ClientError) -> Deployment {
        var new = deployment(twin: old.twin, version: old.version &+ 1)
        new.contract = old.contract
        new.expiration = old.expiration
        for index in new.workloads.indices {
            let workload = new.workloads[index]
            guard let stored = old.workload(named: workload.name), try Self.isSame(stored, workload) else { continue }
            // As it was sent then, so that the node finds nothing to do.
            new.workloads[index] = stored
            new.workloads[index].result = .none
        }
        return new
    }

    private static func isSame(_ left: Workload, _ right: Workload) throws(ClientError) -> Bool {
        guard left.type.utf8.elementsEqual(right.type.utf8), left.metadata.utf8.elementsEqual(right.metadata.utf8),
            left.description.utf8.elementsEqual(right.description.utf8)
        else { return false }
        do throws(DeploymentError) {
            // Compared as the node sees them: defaults and spelling do not count.
            return try left.evaluated().text.utf8.elementsEqual(try right.evaluated().text.utf8)
        } catch {
            throw ClientError(.invalid, error.message)
        }
    }
}
