/// A provisioner whose workloads name others in ways that the manifest's pointers cannot describe.
public protocol Referencing: Provisioner {
    func references(of data: Data) throws -> [ReferenceRequest]
}
