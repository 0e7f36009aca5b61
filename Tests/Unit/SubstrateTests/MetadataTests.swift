import Substrate
import Testing

@Suite("Runtime metadata")
struct MetadataTests {
    @Test("the grid's metadata is read to its last byte")
    func grid() throws {
        let metadata = try GridRuntime.metadata.get()
        #expect(metadata.pallets.count > 20)
        #expect(metadata.extrinsic.version == 4)
        #expect(metadata.extrinsic.extensions.map(\.name).contains("CheckMortality"))
        #expect(try metadata.pallet("SmartContractModule").index == 26)
        #expect(try metadata.event("TfgridModule", "PowerTargetChanged").index == 29)
        #expect(try metadata.constantValue("System", "SS58Prefix") == .unsigned(42))
    }

    @Test("names that a runtime lacks are an unsupported runtime")
    func missing() throws {
        let metadata = try GridRuntime.metadata.get()
        #expect(throws: SubstrateError.self) { try metadata.pallet("Nothing") }
        #expect(throws: SubstrateError.self) { try metadata.call("TfgridModule", "no_such_call") }
        do {
            _ = try metadata.storage("TfgridModule", "Nothing")
            Issue.record("storage that is not there was found")
        } catch {
            #expect(error.code == .unsupportedRuntime)
            #expect(error.message.contains("TfgridModule.Nothing"))
        }
    }

    @Test("metadata cut short anywhere is refused")
    func truncated() throws {
        let bytes = try GridRuntime.bytes.get()
        for end in Array(stride(from: 0, to: bytes.count, by: 997)) + [bytes.count - 1] {
            #expect(throws: SubstrateError.self) { try RuntimeMetadata(parsing: Array(bytes[..<end])) }
        }
        #expect(throws: SubstrateError.self) { try RuntimeMetadata(parsing: bytes + [0]) }
    }

    @Test("metadata with wrong bits is refused or read, and what was read can be used without a crash")
    func flipped() throws {
        let bytes = try GridRuntime.bytes.get()
        let events = try GridRuntime.cases("events").compactMap { $0["encoded"]?.hexBytes }
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<40 {
            var wrong = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                wrong[Int.random(in: 0..<wrong.count, using: &generator)] ^=
                    1 << UInt8.random(in: 0..<8, using: &generator)
            }
            guard let metadata = try? RuntimeMetadata(parsing: wrong) else { continue }
            for blob in events { _ = try? metadata.storageValue("System", "Events", blob) }
        }
    }

    @Test("huge counts in metadata are refused before anything is allocated for them")
    func counts() throws {
        let magic = Array("meta".utf8) + [14]
        for count: [UInt8] in [
            [0xfe, 0xff, 0xff, 0xff], [0x03, 0xff, 0xff, 0xff, 0xff], [0xff] + .init(repeating: 0xff, count: 70),
        ] {
            #expect(throws: SubstrateError.self) { try RuntimeMetadata(parsing: magic + count) }
        }
    }
}
