import Contracts
import JSON
import Substrate

extension EmbeddedRuntime {
    /// The value of `System.Events` of a block.
    func encode(events records: [EventRecord]) throws(SubstrateError) -> [UInt8] {
        var events: [RuntimeEvent] = []
        for record in records {
            let phase = RuntimeEvent.Phase.applyExtrinsic(record.extrinsic)
            guard let event = try record.event.runtimeEvent(phase: phase, metadata) else { continue }
            events.append(event)
        }
        return try metadata.encode(events: events)
    }

    /// An extrinsic as it stands in a block. Calls that came by another face are written as extrinsics of their account;
    /// the signature is that of the form in which they came.
    func encode(_ extrinsic: BlockExtrinsic) throws -> [UInt8] {
        switch extrinsic {
        case .encoded(let bytes): return bytes
        case .time(let milliseconds):
            return try unsigned(RuntimeCall("Timestamp", "set", ["now": .number(milliseconds)]))
        case .administrator(let call):
            // The chain has no such calls; a remark says what happened.
            return try unsigned(RuntimeCall("System", "remark", ["remark": .utf8(JSONValue(encoding: call).text)]))
        case .signed(let call):
            let context = SigningContext(
                genesisHash: call.genesis.bytes, specVersion: version.specVersion,
                transactionVersion: version.transactionVersion, nonce: UInt64(call.nonce))
            let payload = try metadata.payload(metadata.encode(call.call.runtimeCall), context)
            return try metadata.extrinsic(
                payload, account: call.account.key, scheme: call.scheme, signature: call.signature.bytes
            ).bytes
        }
    }

    private func unsigned(_ call: RuntimeCall) throws(SubstrateError) -> [UInt8] {
        metadata.unsignedExtrinsic(try metadata.encode(call))
    }
}
