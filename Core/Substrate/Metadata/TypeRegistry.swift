/// All types of a runtime by number, with one decoder from bytes to trees and one encoder back.
public struct TypeRegistry: Sendable {
    public let types: [RegistryType]

    /// Types by their position; a type that names a position beyond the end can be neither decoded nor encoded.
    public init(types: [RegistryType]) { self.types = types }

    public func type(_ id: UInt32) throws(SubstrateError) -> RegistryType {
        guard Int(id) < types.count else {
            throw SubstrateError(.malformed, "the metadata names type \(id), it has \(types.count)")
        }
        return types[Int(id)]
    }

    func isByte(_ id: UInt32) -> Bool {
        guard Int(id) < types.count, case .primitive(.u8) = types[Int(id)].definition else { return false }
        return true
    }

    /// The variants of an enum type.
    public func variants(of id: UInt32) throws(SubstrateError) -> [RegistryType.Variant] {
        guard let variants = try type(id).variants else {
            throw SubstrateError(.malformed, "type \(id) of the metadata should be an enum")
        }
        return variants
    }
}
