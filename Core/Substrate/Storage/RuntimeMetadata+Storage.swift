extension RuntimeMetadata {
    /// The beginning of all keys of an item, which is the whole key of a single value.
    public func storagePrefix(_ pallet: String, _ item: String) throws(SubstrateError) -> [UInt8] {
        let owner = try self.pallet(pallet)
        _ = try storage(pallet, item)
        return StorageHasher.twox128.hash(Array(owner.storagePrefix.utf8))
            + StorageHasher.twox128.hash(Array(item.utf8))
    }

    /// The key of an item's value (docs/spec/tfchain.md section 4).
    /// - Parameter arguments: the parts of a map's key, none for a single value.
    public func storageKey(
        _ pallet: String, _ item: String, _ arguments: [ScaleValue] = []
    ) throws(SubstrateError) -> [UInt8] {
        let entry = try storage(pallet, item)
        var key = try storagePrefix(pallet, item)
        let types = try keyTypes(of: entry)
        guard arguments.count == types.count else {
            throw SubstrateError(
                .unsupportedRuntime,
                "unsupported runtime: the key of \(pallet).\(item) has \(types.count) parts instead of \(arguments.count)"
            )
        }
        for (index, argument) in arguments.enumerated() {
            key += entry.hashers[index].hash(try registry.encode(argument, as: types[index]))
        }
        return key
    }

    /// The parts of a key of this item, read back from its end. Nil for a key of something else.
    /// - Throws: `unsupportedRuntime` if the item's hashers do not keep them.
    public func storageArguments(
        _ pallet: String, _ item: String, of key: [UInt8]
    ) throws(SubstrateError) -> [ScaleValue]? {
        let entry = try storage(pallet, item)
        let prefix = try storagePrefix(pallet, item)
        guard key.starts(with: prefix) else { return nil }
        let types = try keyTypes(of: entry)
        var decoder = ScaleDecoder(registry, ScaleReader(key, in: prefix.count..<key.count))
        var arguments: [ScaleValue] = []
        for (hasher, type) in zip(entry.hashers, types) {
            guard let length = hasher.prefixLength else {
                throw SubstrateError(.unsupportedRuntime, "unsupported runtime: keys of \(pallet).\(item) are one-way")
            }
            try decoder.reader.skip(length)
            arguments.append(try decoder.value(of: type))
        }
        try decoder.reader.finish()
        return arguments
    }

    /// The value of an item.
    /// - Parameter bytes: nil if the chain answered `null`.
    /// - Returns: nil if the thing does not exist; the default where the runtime has one.
    public func storageValue(
        _ pallet: String, _ item: String, _ bytes: [UInt8]?
    ) throws(SubstrateError) -> ScaleValue? {
        let entry = try storage(pallet, item)
        if let bytes { return try registry.decode(bytes, as: entry.value) }
        return entry.modifier == .optional ? nil : try registry.decode(entry.fallback, as: entry.value)
    }

    /// One type for each hasher.
    public func keyTypes(of entry: StorageEntry) throws(SubstrateError) -> [UInt32] {
        guard let key = entry.key else { return [] }
        if entry.hashers.count == 1 { return [key] }
        guard case .tuple(let types) = try registry.type(key).definition, types.count == entry.hashers.count else {
            throw SubstrateError(.malformed, "storage \(entry.name) has other hashers than parts of its key")
        }
        return types
    }
}
