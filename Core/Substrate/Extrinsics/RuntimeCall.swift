/// A call by the names of the runtime.
public struct RuntimeCall: Sendable, Hashable {
    public let pallet: String
    public let name: String
    /// Named arguments; `unit` if there are none.
    public let arguments: ScaleValue

    public init(_ pallet: String, _ name: String, _ arguments: KeyValuePairs<String, ScaleValue> = [:]) {
        self.init(pallet: pallet, name: name, arguments: arguments.isEmpty ? .unit : .record(arguments))
    }

    public init(pallet: String, name: String, arguments: ScaleValue) {
        self.pallet = pallet
        self.name = name
        self.arguments = arguments
    }

    /// The call as an argument of another call, such as `Utility.batch_all`.
    public var tree: ScaleValue { .variant(pallet, .variant(name, arguments)) }

    /// Reads the tree of a call inside a call.
    public init(tree: ScaleValue) throws(SubstrateError) {
        let (pallet, inner) = try tree.chosen()
        let (name, arguments) = try inner.chosen()
        self.init(pallet: pallet, name: name, arguments: arguments)
    }
}

extension RuntimeMetadata {
    /// The bytes of a call: index of pallet and call, then the arguments.
    public func encode(_ call: RuntimeCall) throws(SubstrateError) -> [UInt8] {
        let variant = try self.call(call.pallet, call.name)
        var encoder = ScaleEncoder(registry: registry)
        encoder.writer.byte(try pallet(call.pallet).index)
        encoder.writer.byte(variant.index)
        try encoder.write(call.arguments, as: variant.fields, of: "\(call.pallet).\(call.name)")
        return encoder.writer.bytes
    }

    /// Reads a call that fills the bytes.
    public func call(_ bytes: [UInt8]) throws(SubstrateError) -> RuntimeCall {
        var decoder = ScaleDecoder(registry, ScaleReader(bytes))
        let call = try self.call(&decoder)
        try decoder.reader.finish()
        return call
    }

    func call(_ decoder: inout ScaleDecoder) throws(SubstrateError) -> RuntimeCall {
        let index = try decoder.reader.byte()
        guard let pallet = pallet(index: index), let calls = pallet.calls else {
            throw decoder.reader.malformed("there is no pallet \(index) with calls")
        }
        let (name, arguments) = try decoder.value(of: calls).chosen()
        return RuntimeCall(pallet: pallet.name, name: name, arguments: arguments)
    }
}
