import Contracts
import Signatures
import Substrate

/// A type of the ledger's model that the chain has too. Fields and variants are found by their names in the chain's runtime;
/// those that the model has no use for are left out when reading and empty when writing (docs/spec/tfchain.md sections 3 and 5).
public protocol ChainMapped {
    /// - Throws: `unsupportedRuntime` if something that the model needs is missing.
    init(_ tree: ScaleValue) throws(SubstrateError)
    var tree: ScaleValue { get }
}

extension ScaleValue {
    /// The elements of a list as values of the model.
    public func mapped<Value: ChainMapped>(_: Value.Type = Value.self) throws(SubstrateError) -> [Value] {
        var values: [Value] = []
        for element in try elements() { values.append(try Value(element)) }
        return values
    }

    /// An optional value of the model.
    public func mappedOptional<Value: ChainMapped>(_: Value.Type = Value.self) throws(SubstrateError) -> Value? {
        guard let value = try optional() else { return nil }
        return try Value(value)
    }

    public init(_ values: [some ChainMapped]) { self = .list(values.map(\.tree)) }
    public init(_ value: (some ChainMapped)?) { self = .option(value?.tree) }
    public init(_ text: String?) { self = .option(text.map(ScaleValue.utf8)) }

    /// Integers, such as ids of contracts.
    public func numbers<Value: FixedWidthInteger & UnsignedInteger>(
        _: Value.Type = Value.self
    ) throws(SubstrateError) -> [Value] {
        var numbers: [Value] = []
        for element in try elements() { numbers.append(try element.integer()) }
        return numbers
    }

    /// An optional text.
    func optionalText() throws(SubstrateError) -> String? {
        guard let value = try optional() else { return nil }
        return try value.displayText()
    }
}

extension AccountID: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        let bytes = try tree.byteArray()
        guard let key = try? PublicKey(bytes: bytes) else {  // Its one reason is in the message.
            throw SubstrateError(
                .unsupportedRuntime, "unsupported runtime: an account has \(bytes.count) bytes, not 32")
        }
        self.init(key)
    }

    public var tree: ScaleValue { .bytes(key.bytes) }
}
