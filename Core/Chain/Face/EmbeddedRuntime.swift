import JSON
import Substrate

/// The runtime that the embedded ledger behaves as: the metadata that it serves, and what that says of itself.
struct EmbeddedRuntime: Sendable {
    let metadata: RuntimeMetadata
    /// As `state_getMetadata` answers it: most of what is ever sent.
    let metadataText: String
    let version: RuntimeVersion
    /// As `state_getRuntimeVersion` answers it.
    let versionAnswer: JSONValue
    /// The network's prefix of addresses.
    let addressPrefix: UInt16

    /// - Throws: `SubstrateError` if the metadata that was built in is none of a runtime of this kind.
    init() throws(SubstrateError) {
        let bytes = BuiltInMetadata.bytes
        metadata = try RuntimeMetadata(parsing: bytes)
        metadataText = HexText.encode(bytes)
        let told = try metadata.constantValue("System", "Version")
        version = RuntimeVersion(
            specName: try told.field("spec_name").displayText(), specVersion: try told.field("spec_version").integer(),
            transactionVersion: try told.field("transaction_version").integer())
        versionAnswer = try Self.answer(told, version)
        addressPrefix = try metadata.constantValue("System", "SS58Prefix").integer()
    }

    private static func answer(_ told: ScaleValue, _ version: RuntimeVersion) throws(SubstrateError) -> JSONValue {
        func number(_ name: String) throws(SubstrateError) -> JSONValue {
            .number(JSONNumber(try told.field(name).integer(UInt32.self)))
        }
        var apis: [JSONValue] = []
        for api in try told.field("apis").elements() {
            let parts = try api.elements()
            guard parts.count == 2 else { continue }
            let revision = JSONNumber(try parts[1].integer(UInt32.self))
            apis.append([.string(HexText.encode(try parts[0].byteArray())), .number(revision)])
        }
        return [
            "specName": .string(version.specName), "implName": .string(try told.field("impl_name").displayText()),
            "authoringVersion": try number("authoring_version"), "specVersion": try number("spec_version"),
            "implVersion": try number("impl_version"), "apis": .array(apis),
            "transactionVersion": try number("transaction_version"),
            "stateVersion": try number("state_version"),
        ]
    }
}
