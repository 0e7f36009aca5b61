import Signatures
import Substrate
import Synchronization

/// A runtime's metadata with its versions.
struct ChainRuntime: Sendable {
    let version: RuntimeVersion
    let metadata: RuntimeMetadata
}

/// Parsed metadata of one chain by spec version (docs/spec/tfchain.md section 3). What turns out not to fit is taken off
/// and fetched again, from another endpoint if there is one: the one that gave it may have lied.
final class MetadataShelf: Sendable {
    private struct State {
        /// The most recently used last.
        var kept: [(version: UInt32, digest: [UInt8], metadata: RuntimeMetadata)] = []
        /// Digests of what was taken off.
        var doubted: [UInt32: [UInt8]] = [:]
        /// Versions whose metadata was the same when it was fetched again.
        var confirmed: Set<UInt32> = []
    }

    /// Catching up crosses few upgrades at a time.
    private static let limit = 4

    private let state = Mutex(State())

    func metadata(_ version: UInt32) -> RuntimeMetadata? {
        state.withLock { state in
            guard let index = state.kept.firstIndex(where: { $0.version == version }) else { return nil }
            let found = state.kept.remove(at: index)
            state.kept.append(found)
            return found.metadata
        }
    }

    /// Parses what was fetched and keeps it.
    func keep(_ bytes: [UInt8], version: UInt32) throws(SubstrateError) -> RuntimeMetadata {
        let metadata = try RuntimeMetadata(parsing: bytes)
        try Self.check(metadata)
        let digest = Sodium.blake2b(bytes, length: 32)
        state.withLock { state in
            if state.doubted[version] == digest { state.confirmed.insert(version) }
            state.kept.removeAll { $0.version == version }
            state.kept.append((version, digest, metadata))
            if state.kept.count > Self.limit { state.kept.removeFirst() }
        }
        return metadata
    }

    /// Takes off what did not fit.
    /// - Returns: whether it is worth while to fetch it again.
    func doubt(_ version: UInt32) -> Bool {
        state.withLock { state in
            if state.confirmed.contains(version) { return false }
            guard let index = state.kept.firstIndex(where: { $0.version == version }) else { return true }
            state.doubted[version] = state.kept.remove(at: index).digest
            return true
        }
    }

    /// Whether the metadata knows what this program cannot do without.
    private static func check(_ metadata: RuntimeMetadata) throws(SubstrateError) {
        for (pallet, item) in [
            ("System", "Events"), ("Timestamp", "Now"), ("TfgridModule", "Twins"), ("SmartContractModule", "Contracts"),
        ] {
            _ = try metadata.storage(pallet, item)
        }
    }
}
