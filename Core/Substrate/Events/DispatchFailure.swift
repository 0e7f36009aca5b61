/// Why an extrinsic that was let in had no effect, by name.
public struct DispatchFailure: Sendable, Hashable, CustomStringConvertible {
    /// The pallet whose error it is; nil for the runtime's own.
    public let pallet: String?
    /// As in the metadata: `ContractIsNotUnique`, `BadOrigin`, `Token.FundsUnavailable`.
    public let name: String

    public init(pallet: String?, name: String) {
        self.pallet = pallet
        self.name = name
    }

    public var description: String { pallet.map { "\($0).\(name)" } ?? name }
}

extension RuntimeMetadata {
    /// Names a dispatch error (docs/spec/tfchain.md section 7). An error that the metadata lacks keeps its numbers.
    public func dispatchFailure(_ value: ScaleValue) throws(SubstrateError) -> DispatchFailure {
        let (name, payload) = try value.chosen()
        guard name == "Module" else {
            guard case .variant(let inner, _) = payload else { return DispatchFailure(pallet: nil, name: name) }
            return DispatchFailure(pallet: nil, name: "\(name).\(inner)")
        }
        let index: UInt8 = try payload.field("index").integer()
        let error = try payload.field("error")
        // Older runtimes carry the number alone, later ones four bytes of which it is the first.
        let number: UInt8 = if case .bytes(let bytes) = error { bytes.first ?? 0 } else { try error.integer() }
        guard let known = errorName(pallet: index, error: number) else {
            return DispatchFailure(pallet: nil, name: "unknown module error \(index)/\(number)")
        }
        return DispatchFailure(pallet: known.pallet, name: known.name)
    }

    /// The tree of a pallet's error, for a face that answers as the chain would.
    public func dispatchError(pallet: String, error: String) throws(SubstrateError) -> ScaleValue {
        let number = try self.error(pallet, error).index
        return .variant(
            "Module",
            .record(["index": .number(try self.pallet(pallet).index), "error": .bytes([number, 0, 0, 0])]))
    }

    /// How the extrinsic at that place of a block ended; nil if no event says so.
    public func outcome(ofExtrinsic index: UInt32, in events: [RuntimeEvent]) throws(SubstrateError) -> CallOutcome? {
        for event in events where event.phase == .applyExtrinsic(index) && event.pallet == "System" {
            if event.name == "ExtrinsicSuccess" { return .success }
            guard event.name == "ExtrinsicFailed" else { continue }
            return .failure(try dispatchFailure(try event.fields.field("dispatch_error")))
        }
        return nil
    }

    /// How an extrinsic ended.
    public enum CallOutcome: Sendable, Hashable {
        case success
        case failure(DispatchFailure)
    }
}
