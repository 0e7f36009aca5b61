import Substrate
import Testing

@Suite("Decoding by types")
struct TypeRegistryTests {
    @Test("every stored value of the vectors is written back as it was read")
    func roundTrip() throws {
        let metadata = try GridRuntime.metadata.get()
        for entry in try GridRuntime.cases("storage_value") + GridRuntime.cases("events") {
            let type = try #require(
                (entry["value_type_id"] ?? entry["type_id"])?.uint64Value.flatMap(UInt32.init(exactly:)))
            let bytes = try #require(entry["encoded"]?.hexBytes)
            let value = try metadata.registry.decode(bytes, as: type)
            #expect(try metadata.registry.encode(value, as: type) == bytes)
        }
    }

    @Test("a value cut short or followed by a byte is refused")
    func truncated() throws {
        let metadata = try GridRuntime.metadata.get()
        for entry in try GridRuntime.cases("storage_value") + GridRuntime.cases("events") {
            let type = try #require(
                (entry["value_type_id"] ?? entry["type_id"])?.uint64Value.flatMap(UInt32.init(exactly:)))
            let bytes = try #require(entry["encoded"]?.hexBytes)
            for end in bytes.indices {
                #expect(throws: SubstrateError.self) { try metadata.registry.decode(Array(bytes[..<end]), as: type) }
            }
            #expect(throws: SubstrateError.self) { try metadata.registry.decode(bytes + [0], as: type) }
        }
    }

    @Test("values with wrong bits give a value or an error")
    func flipped() throws {
        let metadata = try GridRuntime.metadata.get()
        var generator = SeededGenerator(seed: 2)
        for entry in try GridRuntime.cases("storage_value") + GridRuntime.cases("events") {
            let type = try #require(
                (entry["value_type_id"] ?? entry["type_id"])?.uint64Value.flatMap(UInt32.init(exactly:)))
            let bytes = try #require(entry["encoded"]?.hexBytes)
            for _ in 0..<20 where !bytes.isEmpty {
                var wrong = bytes
                wrong[Int.random(in: 0..<wrong.count, using: &generator)] ^=
                    1 << UInt8.random(in: 0..<8, using: &generator)
                // Whatever was read is written back to the same bytes: there is one encoding of a value.
                guard let value = try? metadata.registry.decode(wrong, as: type) else { continue }
                #expect(try metadata.registry.encode(value, as: type) == wrong)
            }
        }
    }

    @Test("types that hold themselves end at the bound on depth")
    func cycles() throws {
        let registry = TypeRegistry(types: [
            RegistryType(.composite([.init(name: "again", type: 0)])), RegistryType(.tuple([1, 1])),
            RegistryType(.compact(2)), RegistryType(.array(count: .max, 3)), RegistryType(.sequence(4)),
            RegistryType(.composite([.init(name: nil, type: 5)])), RegistryType(.tuple([7])), RegistryType(.tuple([6])),
            RegistryType(.compact(7)), RegistryType(.bitSequence(store: 9, order: 9)), RegistryType(.sequence(99)),
        ])
        for type in UInt32(0)..<12 {
            #expect(throws: SubstrateError.self) {
                try registry.decode([UInt8](repeating: 4, count: 5000), as: type)
            }
        }
    }

    @Test("elements without bytes cannot make a small input large")
    func emptyElements() throws {
        // Four thousand million elements of nothing; and structs of structs of nothing, doubling each time.
        var types = [RegistryType(.tuple([])), RegistryType(.array(count: .max, 0))]
        for level in UInt32(1)..<60 {
            types.append(RegistryType(.tuple([level - 1 == 0 ? 0 : level, level == 1 ? 0 : level])))
        }
        let registry = TypeRegistry(types: types)
        #expect(throws: SubstrateError.self) { try registry.decode([], as: 1) }
        #expect(throws: SubstrateError.self) { try registry.decode([], as: UInt32(types.count - 1)) }
    }

    @Test(
        "a count far beyond the input is refused",
        arguments: [[0xfe, 0xff, 0xff, 0xff], [0x03, 0xff, 0xff, 0xff, 0xff]])
    func counts(bytes: [UInt8]) throws {
        let registry = TypeRegistry(types: [RegistryType(.primitive(.u64)), RegistryType(.sequence(0))])
        #expect(throws: SubstrateError.self) { try registry.decode(bytes, as: 1) }
    }

    @Test("calls inside calls inside calls are refused at the bound on depth")
    func nestedCalls() throws {
        let metadata = try GridRuntime.metadata.get()
        let batch = try metadata.call("Utility", "batch").index
        let utility = try metadata.pallet("Utility").index
        let type = try #require(metadata.registry.types.firstIndex { $0.path.last == "RuntimeCall" })
        // batch([batch([…])])
        let nested = (0..<10_000).flatMap { _ in [utility, batch, UInt8(4)] }
        #expect(throws: SubstrateError.self) {
            try metadata.registry.decode(nested + [utility, batch, 0], as: UInt32(type))
        }
    }

    @Test("bit sequences are read in both orders and written back")
    func bits() throws {
        let registry = TypeRegistry(types: [
            RegistryType(.primitive(.u8)), RegistryType(path: ["bitvec", "order", "Lsb0"], .composite([])),
            RegistryType(path: ["bitvec", "order", "Msb0"], .composite([])), RegistryType(.primitive(.u16)),
            RegistryType(.bitSequence(store: 0, order: 1)), RegistryType(.bitSequence(store: 3, order: 2)),
        ])
        #expect(try registry.decode([12, 0b101], as: 4) == .bits([true, false, true]))
        #expect(try registry.decode([12, 0, 0b1010_0000], as: 5) == .bits([true, false, true]))
        #expect(try registry.encode(.bits([true, false, true]), as: 4) == [12, 0b101])
        #expect(try registry.encode(.bits([true, false, true]), as: 5) == [12, 0, 0b1010_0000])
        #expect(throws: SubstrateError.self) { try registry.decode([0xfe, 0xff, 0xff, 0xff, 1], as: 4) }
    }

    @Test("values that do not fit their type are refused, and so are fields and variants that it lacks")
    func mismatch() throws {
        let registry = TypeRegistry(types: [
            RegistryType(.primitive(.u8)), RegistryType(.composite([.init(name: "a", type: 0)])),
            RegistryType(path: ["Choice"], .variants([.init(name: "One", index: 7)])), RegistryType(.compact(0)),
        ])
        #expect(throws: SubstrateError.self) { try registry.encode(.unsigned(256), as: 0) }
        #expect(throws: SubstrateError.self) { try registry.encode(.unsigned(256), as: 3) }
        #expect(throws: SubstrateError.self) { try registry.encode(.record([:]), as: 1) }
        #expect(throws: SubstrateError.self) { try registry.encode(.record(["a": .unsigned(1), "b": .unit]), as: 1) }
        #expect(throws: SubstrateError.self) { try registry.encode(.variant("Two"), as: 2) }
        #expect(try registry.encode(.variant("One"), as: 2) == [7])
        #expect(throws: SubstrateError.self) { try registry.decode([0], as: 2) }
    }
}
