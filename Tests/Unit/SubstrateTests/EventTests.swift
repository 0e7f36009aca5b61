import Substrate
import Testing

@Suite("Events of a block")
struct EventTests {
    @Test("events are read by name and written back as they were")
    func roundTrip() throws {
        let metadata = try GridRuntime.metadata.get()
        for entry in try GridRuntime.cases("events") {
            let bytes = try #require(entry["encoded"]?.hexBytes)
            let events = try metadata.events(bytes)
            #expect(events.failure == nil)
            #expect(events.records.map(\.name) == entry["records"]?.arrayValue?.map { $0["event"]?.stringValue ?? "" })
            #expect(try metadata.encode(events: events.records) == bytes)
        }
    }

    @Test("a record that cannot be read loses those after it, says so, and keeps those before it")
    func failure() throws {
        let metadata = try GridRuntime.metadata.get()
        let entry = try #require(try GridRuntime.cases("events").first { $0["id"]?.stringValue == "events-04" })
        let bytes = try #require(entry["encoded"]?.hexBytes)
        let whole = try metadata.events(bytes).records
        for end in bytes.indices {
            let events = try metadata.events(Array(bytes[..<end]))
            #expect(events.failure != nil)
            #expect(events.records == Array(whole.prefix(events.records.count)))
        }
        // The index of a pallet that the runtime does not have.
        let wrong = try metadata.events([8, 2, 0, 0, 0, 2, 250, 0, 0])
        #expect(wrong.records.isEmpty)
        #expect(wrong.failure?.code == .malformed)
    }

    @Test("nothing stored means no events")
    func nothing() throws {
        let events = try GridRuntime.metadata.get().events(nil)
        #expect(events.records.isEmpty && events.failure == nil)
    }

    @Test("the outcome of an extrinsic is found by its place in the block, with the error's name")
    func outcome() throws {
        let metadata = try GridRuntime.metadata.get()
        let entry = try #require(try GridRuntime.cases("events").first { $0["id"]?.stringValue == "events-10" })
        let events = try metadata.events(try #require(entry["encoded"]?.hexBytes)).records
        #expect(try metadata.outcome(ofExtrinsic: 0, in: events) == .success)
        let failed = DispatchFailure(pallet: "SmartContractModule", name: "ContractIsNotUnique")
        #expect(try metadata.outcome(ofExtrinsic: 1, in: events) == .failure(failed))
        #expect(try metadata.outcome(ofExtrinsic: 9, in: events) == nil)
        let tree = try metadata.dispatchError(pallet: "SmartContractModule", error: "ContractIsNotUnique")
        #expect(try metadata.dispatchFailure(tree) == failed)
    }
}
