/// The named fields of a struct, read by a program that knows the type's name: what is missing is told with both.
public struct ScaleRecord: Sendable {
    private let type: String
    private let value: ScaleValue

    public init(_ value: ScaleValue, of type: String) throws(SubstrateError) {
        guard case .fields = value else {
            throw SubstrateError(
                .unsupportedRuntime, "unsupported runtime: \(type) is \(value.shapeName) instead of a struct")
        }
        self.type = type
        self.value = value
    }

    /// A field that may be missing.
    public subscript(name: String) -> ScaleValue? { value[name] }

    /// A field that is needed.
    public func callAsFunction(_ name: String) throws(SubstrateError) -> ScaleValue {
        guard let field = value[name] else {
            throw SubstrateError(.unsupportedRuntime, "unsupported runtime: \(type) has no field \(name)")
        }
        return field
    }
}
