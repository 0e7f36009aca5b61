import Signatures
import Substrate
import Testing

@Suite("Signed extrinsics")
struct ExtrinsicTests {
    private static let genesis = [UInt8](repeating: 7, count: 32)
    private static let call = RuntimeCall("SmartContractModule", "cancel_contract", ["contract_id": .unsigned(42)])

    private func context(_ nonce: UInt64 = 3) throws -> SigningContext {
        SigningContext(
            genesisHash: Self.genesis, specVersion: 149, transactionVersion: 2, nonce: nonce,
            era: try ExtrinsicEra(period: 64, at: 1000), eraHash: [UInt8](repeating: 9, count: 32), tip: 5)
    }

    @Test("what was signed is read back and valid, with keys of both kinds", arguments: KeyScheme.allCases)
    func roundTrip(scheme: KeyScheme) throws {
        let metadata = try GridRuntime.metadata.get()
        let key = try KeyPair(secretURI: "//Alice", scheme: scheme)
        let signed = try metadata.sign(try metadata.encode(Self.call), try context(), with: key)
        let read = try metadata.extrinsic(parsing: signed.bytes)
        #expect(read.call == Self.call)
        #expect(read.hash == signed.hash)
        #expect(read.signed?.account == key.publicKey)
        #expect(read.signed?.nonce == 3)
        #expect(read.signed?.tip == 5)
        #expect(read.signed?.era.firstBlock(at: 1010) == 1000)
        func isValid(_ genesis: [UInt8], _ spec: UInt32, _ eraHash: UInt8) throws -> Bool {
            try metadata.isValid(
                read, genesisHash: genesis, specVersion: spec, transactionVersion: 2,
                eraHash: [UInt8](repeating: eraHash, count: 32))
        }
        #expect(try isValid(Self.genesis, 149, 9))
        #expect(try !isValid([UInt8](repeating: 1, count: 32), 149, 9), "another chain")
        #expect(try !isValid(Self.genesis, 150, 9), "another runtime")
        #expect(try !isValid(Self.genesis, 149, 8), "another branch of the chain")
    }

    @Test("an extrinsic cut short, longer or with a wrong bit is refused or not valid")
    func hostile() throws {
        let metadata = try GridRuntime.metadata.get()
        let key = try KeyPair(secretURI: "//Alice", scheme: .ed25519)
        let bytes = try metadata.sign(try metadata.encode(Self.call), try context(), with: key).bytes
        for end in bytes.indices {
            #expect(throws: SubstrateError.self) { try metadata.extrinsic(parsing: Array(bytes[..<end])) }
        }
        #expect(throws: SubstrateError.self) { try metadata.extrinsic(parsing: bytes + [0]) }
        for bit in 0..<bytes.count * 8 {
            var wrong = bytes
            wrong[bit / 8] ^= 1 << (bit % 8)
            guard let read = try? metadata.extrinsic(parsing: wrong) else { continue }
            let isValid = try metadata.isValid(
                read, genesisHash: Self.genesis, specVersion: 149, transactionVersion: 2,
                eraHash: [UInt8](repeating: 9, count: 32))
            #expect(!isValid, "bit \(bit)")
        }
    }

    @Test("a signed extension that cannot be left empty is not signed")
    func unknownExtension() throws {
        let types = [
            RegistryType(.primitive(.u32)), RegistryType(.tuple([])),
            RegistryType(path: ["Option"], .variants([.init(name: "None", index: 0), .init(name: "Some", index: 1)])),
        ]
        func metadata(_ extra: UInt32, _ additional: UInt32) throws -> RuntimeMetadata {
            try RuntimeMetadata(
                registry: TypeRegistry(types: types), pallets: [],
                extrinsic: ExtrinsicFormat(
                    type: 0, version: 4, extensions: [.init(name: "CheckLater", extra: extra, additional: additional)]))
        }
        #expect(throws: SubstrateError.self) { try metadata(0, 1).payload([], try context()) }
        #expect(throws: SubstrateError.self) { try metadata(1, 0).payload([], try context()) }
        #expect(try metadata(1, 1).payload([1], try context()).bytes == [1])
        #expect(try metadata(2, 2).payload([1], try context()).bytes == [1, 0, 0])
    }

    @Test("a period that is no power of two is refused, and so is an era outside of itself")
    func eras() throws {
        for period: UInt64 in [0, 1, 2, 3, 5, 63, 131_072, .max] {
            #expect(throws: SubstrateError.self) { try ExtrinsicEra(period: period, at: 1) }
        }
        #expect(ExtrinsicEra.immortal.bytes == [0])
        #expect(try ExtrinsicEra(period: 64, at: 100).end(at: 100) == 164)
    }

    @Test("calls inside a call are read and written by name")
    func batch() throws {
        let metadata = try GridRuntime.metadata.get()
        let batch = RuntimeCall("Utility", "batch_all", ["calls": .list([Self.call.tree, Self.call.tree])])
        let read = try metadata.call(try metadata.encode(batch))
        #expect(read == batch)
        #expect(try RuntimeCall(tree: try read.arguments.field("calls").elements()[0]) == Self.call)
    }
}
