/// What a block of the embedded ledger was made of, in the form in which it came.
public enum BlockExtrinsic: Sendable, Hashable {
    /// The first of every block: the block's time in milliseconds since 1970.
    case time(milliseconds: UInt64)
    /// A call that was signed as canonical JSON.
    case signed(SignedCall)
    /// A signed extrinsic of version 4, with its length in front.
    case encoded([UInt8])
    case administrator(AdministratorCall)
}
