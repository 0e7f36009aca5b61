/// The events of one block in chain order.
public struct BlockEvents: Sendable {
    public let records: [RuntimeEvent]
    /// Why the records after these could not be read: they carry no lengths, so all that follow are lost. Whoever keeps a copy of the
    /// chain's state has to read all of it again then.
    public let failure: SubstrateError?

    /// Whether the runtime was changed in this block: its own events are still of the old one, the next block is of the new.
    public var changesRuntime: Bool { records.contains { $0.pallet == "System" && $0.name == "CodeUpdated" } }
}

extension RuntimeMetadata {
    /// Reads the value of `System.Events`. Use the metadata of the block's *parent*: a block that upgrades the runtime still
    /// writes its events with the old one.
    /// - Parameter bytes: nil or empty when nothing is stored, which means no events.
    /// - Throws: `unsupportedRuntime` if events have another form than this program knows.
    public func events(_ bytes: [UInt8]?) throws(SubstrateError) -> BlockEvents {
        guard let bytes else { return BlockEvents(records: [], failure: nil) }
        let record = try eventRecordType()
        var decoder = ScaleDecoder(registry, ScaleReader(bytes))
        var records: [RuntimeEvent] = []
        do throws(SubstrateError) {
            let count = try decoder.reader.count()
            records.reserveCapacity(min(count, 1024))
            for _ in 0..<count { records.append(try Self.event(try decoder.value(of: record))) }
            try decoder.reader.finish()
            return BlockEvents(records: records, failure: nil)
        } catch {
            return BlockEvents(records: records, failure: error)
        }
    }

    /// Writes the value of `System.Events`.
    public func encode(events: [RuntimeEvent]) throws(SubstrateError) -> [UInt8] {
        try registry.encode(.list(events.map(Self.tree)), as: try storage("System", "Events").value)
    }

    private func eventRecordType() throws(SubstrateError) -> UInt32 {
        guard case .sequence(let record) = try registry.type(try storage("System", "Events").value).definition else {
            throw SubstrateError(.unsupportedRuntime, "unsupported runtime: System.Events is no sequence")
        }
        return record
    }

    private static func event(_ record: ScaleValue) throws(SubstrateError) -> RuntimeEvent {
        let (pallet, inner) = try record.field("event").chosen()
        let (name, fields) = try inner.chosen()
        var topics: [[UInt8]] = []
        for topic in try record.field("topics").elements() { topics.append(try topic.byteArray()) }
        return RuntimeEvent(
            phase: try phase(try record.field("phase")), pallet: pallet, name: name, fields: fields, topics: topics)
    }

    private static func phase(_ value: ScaleValue) throws(SubstrateError) -> RuntimeEvent.Phase {
        switch try value.chosen() {
        case ("ApplyExtrinsic", let index): .applyExtrinsic(try index.integer())
        case ("Finalization", _): .finalization
        case ("Initialization", _): .initialization
        case (let name, _): .other(name)
        }
    }

    private static func tree(_ event: RuntimeEvent) -> ScaleValue {
        let phase: ScaleValue =
            switch event.phase {
            case .applyExtrinsic(let index): .variant("ApplyExtrinsic", .number(index))
            case .finalization: .variant("Finalization")
            case .initialization: .variant("Initialization")
            case .other(let name): .variant(name)
            }
        return .record([
            "phase": phase, "event": .variant(event.pallet, .variant(event.name, event.fields)),
            "topics": .list(event.topics.map(ScaleValue.bytes)),
        ])
    }
}
