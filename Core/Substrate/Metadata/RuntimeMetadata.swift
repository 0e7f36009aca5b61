/// What a runtime says about itself, format 14: everything that upgrades renumber. Immutable; keep one by genesis hash and
/// spec version.
public struct RuntimeMetadata: Sendable {
    public let registry: TypeRegistry
    public let pallets: [Pallet]
    public let extrinsic: ExtrinsicFormat
    private let byName: [String: Int]
    private let byIndex: [UInt8: Int]

    /// - Throws: `malformed` if two pallets share a name or a number.
    public init(registry: TypeRegistry, pallets: [Pallet], extrinsic: ExtrinsicFormat) throws(SubstrateError) {
        self.registry = registry
        self.pallets = pallets
        self.extrinsic = extrinsic
        var byName: [String: Int] = [:]
        var byIndex: [UInt8: Int] = [:]
        for (position, pallet) in pallets.enumerated() {
            guard byName.updateValue(position, forKey: pallet.name) == nil,
                byIndex.updateValue(position, forKey: pallet.index) == nil
            else {
                throw SubstrateError(
                    .malformed, "the metadata has two pallets \(pallet.name) or numbered \(pallet.index)")
            }
        }
        self.byName = byName
        self.byIndex = byIndex
    }

    /// - Throws: `unsupportedRuntime` if there is none of that name.
    public func pallet(_ name: String) throws(SubstrateError) -> Pallet {
        guard let position = byName[name] else {
            throw SubstrateError(.unsupportedRuntime, "unsupported runtime: there is no pallet \(name)")
        }
        return pallets[position]
    }

    public func pallet(index: UInt8) -> Pallet? { byIndex[index].map { pallets[$0] } }

    public func storage(_ pallet: String, _ item: String) throws(SubstrateError) -> StorageEntry {
        guard let entry = try self.pallet(pallet).storage.first(where: { $0.name == item }) else {
            throw SubstrateError(.unsupportedRuntime, "unsupported runtime: there is no storage \(pallet).\(item)")
        }
        return entry
    }

    public func call(_ pallet: String, _ name: String) throws(SubstrateError) -> RegistryType.Variant {
        try variant(name, in: try self.pallet(pallet).calls, "call \(pallet).\(name)")
    }

    public func event(_ pallet: String, _ name: String) throws(SubstrateError) -> RegistryType.Variant {
        try variant(name, in: try self.pallet(pallet).events, "event \(pallet).\(name)")
    }

    public func error(_ pallet: String, _ name: String) throws(SubstrateError) -> RegistryType.Variant {
        try variant(name, in: try self.pallet(pallet).errors, "error \(pallet).\(name)")
    }

    /// The name of a pallet's error; nil if it has none of that number.
    public func errorName(pallet index: UInt8, error: UInt8) -> (pallet: String, name: String)? {
        guard let pallet = pallet(index: index), let errors = pallet.errors, Int(errors) < registry.types.count,
            let variant = registry.types[Int(errors)].variant(index: error)
        else { return nil }
        return (pallet.name, variant.name)
    }

    public func constant(_ pallet: String, _ name: String) throws(SubstrateError) -> Pallet.Constant {
        guard let constant = try self.pallet(pallet).constants.first(where: { $0.name == name }) else {
            throw SubstrateError(.unsupportedRuntime, "unsupported runtime: there is no constant \(pallet).\(name)")
        }
        return constant
    }

    /// A constant's value.
    public func constantValue(_ pallet: String, _ name: String) throws(SubstrateError) -> ScaleValue {
        let constant = try constant(pallet, name)
        return try registry.decode(constant.bytes, as: constant.type)
    }

    private func variant(
        _ name: String, in type: UInt32?, _ what: String
    ) throws(SubstrateError) -> RegistryType.Variant {
        guard let type, let variant = try registry.type(type).variant(named: name) else {
            throw SubstrateError(.unsupportedRuntime, "unsupported runtime: there is no \(what)")
        }
        return variant
    }
}
