import CChainMetadata

/// The metadata of the grid's runtime (spec version 149) that this program carries: what the embedded ledger serves.
public enum BuiltInMetadata {
    public static var bytes: [UInt8] {
        // SAFETY: the two functions describe one constant of the program.
        Array(UnsafeBufferPointer(start: zos_chain_metadata(), count: zos_chain_metadata_size()))
    }
}
