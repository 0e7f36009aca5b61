import Substrate

/// The real metadata with its numbers moved, as a runtime upgrade moves them.
package enum MovedRuntime {
    /// The indices of the grid's two pallets are swapped everywhere, and those of two events about contracts.
    package static func bytes() throws -> [UInt8] {
        let metadata = try FakeChain.runtime.get()
        var bytes = try FakeChain.metadataBytes.get()
        let grid = try metadata.pallet("TfgridModule").index
        let contracts = try metadata.pallet("SmartContractModule").index
        let canceled = try metadata.event("SmartContractModule", "NodeContractCanceled").index
        let paused = try metadata.event("SmartContractModule", "ContractGracePeriodStarted").index
        let outer = (
            variants("TfgridModule", grid, in: bytes), variants("SmartContractModule", contracts, in: bytes)
        )
        // Calls, events and errors of the runtime each have a variant for a pallet.
        guard outer.0.count == outer.1.count, outer.0.count >= 2 else { throw TestChainError() }
        for place in outer.0 { bytes[place] = contracts }
        for place in outer.1 { bytes[place] = grid }
        let inner = (
            variants("NodeContractCanceled", canceled, in: bytes),
            variants("ContractGracePeriodStarted", paused, in: bytes)
        )
        guard inner.0.count == 1, inner.1.count == 1 else { throw TestChainError() }
        bytes.swapAt(inner.0[0], inner.1[0])
        bytes[try pallet("TfgridModule", metadata, in: bytes)] = contracts
        bytes[try pallet("SmartContractModule", metadata, in: bytes)] = grid
        return bytes
    }

    /// Where the index of every variant of this name and index stands.
    private static func variants(_ name: String, _ index: UInt8, in bytes: [UInt8]) -> [Int] {
        places(of: text(name), in: bytes).compactMap { start in
            guard let place = try? indexPlace(ScaleReader(bytes, in: start..<bytes.count)), bytes[place] == index
            else { return nil }
            return place
        }
    }

    /// Behind a variant's name and fields.
    private static func indexPlace(_ start: ScaleReader) throws -> Int {
        var reader = start
        _ = try reader.text()
        for _ in 0..<(try reader.count()) {
            if try reader.bool() { _ = try reader.text() }
            _ = try reader.compact(bits: 32)
            if try reader.bool() { _ = try reader.text() }
            for _ in 0..<(try reader.count()) { _ = try reader.text() }
        }
        let place = reader.offset
        _ = try reader.byte()
        return place
    }

    /// A pallet's own index is the last byte before the next pallet's name.
    private static func pallet(_ name: String, _ metadata: RuntimeMetadata, in bytes: [UInt8]) throws -> Int {
        guard let position = metadata.pallets.firstIndex(where: { $0.name == name }) else { throw TestChainError() }
        let next = metadata.pallets[position + 1].name
        let index = metadata.pallets[position].index
        guard let found = places(of: [index] + text(next), in: bytes).last else { throw TestChainError() }
        return found
    }

    private static func text(_ text: String) -> [UInt8] { [UInt8(text.utf8.count << 2)] + Array(text.utf8) }

    private static func places(of needle: [UInt8], in bytes: [UInt8]) -> [Int] {
        guard let first = needle.first else { return [] }
        return bytes.indices.filter { bytes[$0] == first && bytes[$0...].starts(with: needle) }
    }
}
