import Substrate
import Testing

@Suite("Storage keys")
struct StorageKeyTests {
    @Test("the arguments of a key are read back from its end")
    func arguments() throws {
        let metadata = try GridRuntime.metadata.get()
        let key = try metadata.storageKey("SmartContractModule", "Contracts", [.number(UInt64(42))])
        #expect(try metadata.storageArguments("SmartContractModule", "Contracts", of: key) == [.unsigned(42)])
        #expect(try metadata.storageArguments("TfgridModule", "Twins", of: key) == nil)
        #expect(throws: SubstrateError.self) {
            try metadata.storageArguments("SmartContractModule", "Contracts", of: key.dropLast())
        }
    }

    @Test("a key with another number of parts than the runtime wants is refused")
    func parts() throws {
        let metadata = try GridRuntime.metadata.get()
        #expect(throws: SubstrateError.self) {
            try metadata.storageKey("SmartContractModule", "ContractIDByNodeIDAndHash", [.unsigned(7)])
        }
    }

    @Test("null means the default where there is one, and absence elsewhere")
    func absent() throws {
        let metadata = try GridRuntime.metadata.get()
        #expect(try metadata.storageValue("SmartContractModule", "Contracts", nil) == nil)
        #expect(try metadata.storageValue("TfgridModule", "NodeIdByTwinID", nil) == .unsigned(0))
    }

    @Test("XXH64 of known texts")
    func hash() {
        #expect(XXHash64.hash([]) == 0xEF46_DB37_51D8_E999)
        #expect(XXHash64.hash(Array("abc".utf8)) == 0x44BC_2CF5_AD77_0999)
    }
}
