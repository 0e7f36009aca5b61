import Contracts
import JSON
import Substrate

/// The ledger's blocks as the chain shows them.
struct FaceBlocks: Sendable {
    let ledger: EmbeddedLedger
    let runtime: EmbeddedRuntime

    func hash(_ number: UInt32) async throws -> HexBytes {
        try await ledger.head(.block(number: number)).hash
    }

    /// A header; `number` must have been made.
    func header(_ number: UInt32) async throws -> JSONValue {
        guard let header = try await ledger.header(number) else {
            throw LedgerUnavailable(.unreachable, "block \(number) is not made yet")
        }
        return [
            "parentHash": .string(HexText.encode(header.parent.bytes)),
            "number": .string(HexText.quantity(UInt64(number))),
            "stateRoot": .string(HexText.encode(header.stateRoot.bytes)),
            "extrinsicsRoot": .string(HexText.encode(header.extrinsicsRoot.bytes)),
            "digest": ["logs": []],
        ]
    }

    /// Header and extrinsics.
    func block(_ number: UInt32) async throws -> JSONValue {
        var extrinsics: [JSONValue] = []
        for extrinsic in try await ledger.body(number) {
            extrinsics.append(.string(HexText.encode(try runtime.encode(extrinsic))))
        }
        return [
            "block": ["header": try await header(number), "extrinsics": .array(extrinsics)], "justifications": .null,
        ]
    }
}
