/// A provisioner whose workloads use capacity of the node.
public protocol Measuring: Provisioner {
    func capacity(of data: Data) throws -> Capacity
}
