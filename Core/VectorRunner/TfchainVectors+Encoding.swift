import JSON
import Naming
import Signatures
import Substrate

// Kinds that need no metadata: hashes, SCALE by itself, eras.
extension TfchainVectors {
    mutating func hash(_ entry: JSONValue, _ id: String) throws {
        let input = try entry.hexBytes("input")
        let output: [UInt8]
        switch try entry.text("algorithm") {
        case "twox64": output = StorageHasher.twox(input, words: 1)
        case "twox128": output = StorageHasher.twox128.hash(input)
        case "twox256": output = StorageHasher.twox256.hash(input)
        case "blake2_128": output = StorageHasher.blake2With128Bits.hash(input)
        case "blake2_256": output = StorageHasher.blake2With256Bits.hash(input)
        case "blake2_512": output = Sodium.blake2b(input, length: 64)
        case "xxh64":
            let hash = XXHash64.hash(input, seed: try entry.number("seed"))
            output = withUnsafeBytes(of: hash.littleEndian) { Array($0) }
        case "md5": output = MD5.digest(input)
        case let other: throw VectorError("algorithm \(other) is not known")
        }
        tally.check(id, "hash", expected: try entry.text("output"), got: HexText.encode(output))
    }

    /// The types that the cases name, as metadata would describe them.
    private static let types: [String: UInt32] = [
        "compact": 0, "u128": 1, "u8": 2, "u16": 3, "u32": 4, "u64": 5, "bool": 6, "str": 7, "bytes": 8,
        "option<u64>": 9, "vec<u64>": 10, "vec<u32>": 11, "[u8;32]": 12,
    ]
    private static let registry = TypeRegistry(types: [
        RegistryType(.compact(1)), RegistryType(.primitive(.u128)), RegistryType(.primitive(.u8)),
        RegistryType(.primitive(.u16)), RegistryType(.primitive(.u32)), RegistryType(.primitive(.u64)),
        RegistryType(.primitive(.bool)), RegistryType(.primitive(.str)), RegistryType(.sequence(2)),
        RegistryType(
            path: ["Option"],
            .variants([
                .init(name: "None", index: 0), .init(name: "Some", index: 1, fields: [.init(name: nil, type: 5)]),
            ])),
        RegistryType(.sequence(5)), RegistryType(.sequence(4)), RegistryType(.array(count: 32, 2)),
    ])

    mutating func scale(_ entry: JSONValue, _ id: String) throws {
        guard let type = Self.types[try entry.text("type")] else { throw VectorError("the type is not known") }
        let encoded = try entry.hexBytes("encoded")
        guard let value = entry["value"] else {
            let decoded = try? Self.registry.decode(encoded, as: type)
            return tally.check(id, "verdict", expected: "refused", got: decoded.map { "\($0)" } ?? "refused")
        }
        try roundTrip(value, encoded, type, ScaleNotation(registry: Self.registry), id)
    }

    /// Bytes to tree and tree to bytes.
    mutating func roundTrip(
        _ value: JSONValue, _ encoded: [UInt8], _ type: UInt32, _ notation: ScaleNotation, _ id: String
    ) throws {
        let expected = try notation.tree(value, as: type)
        let decoded = try notation.registry.decode(encoded, as: type)
        tally.check(id, "value", expected: "\(expected)", got: "\(decoded)")
        tally.check(
            id, "bytes", expected: HexText.encode(encoded),
            got: HexText.encode(try notation.registry.encode(expected, as: type)))
    }

    mutating func era(_ entry: JSONValue, _ id: String) throws {
        let block = try entry.number("current_block")
        let era = try ExtrinsicEra(period: try entry.number("period"), at: block)
        tally.check(id, "bytes", expected: try entry.text("encoded"), got: HexText.encode(era.bytes))
        guard case .mortal(_, let phase) = era else { throw VectorError("the era is immortal") }
        tally.check(id, "phase", expected: try entry.number("phase").description, got: phase.description)
        tally.check(
            id, "first block", expected: try entry.number("birth_block").description,
            got: era.firstBlock(at: block).description)
    }
}
