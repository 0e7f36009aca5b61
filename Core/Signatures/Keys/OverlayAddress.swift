import Addresses

/// Where a key is found on the Yggdrasil overlay: its address and the network of 64 bits that it may hand out
/// (docs/spec/workloads.md section 8).
public struct OverlayAddress: Sendable, Hashable, CustomStringConvertible {
    /// 16 bytes, in 200::/8.
    public let bytes: [UInt8]

    /// The key's bits are inverted; the leading ones are counted and dropped with the zero behind them. The address is
    /// `02`, the count, and the next 14 bytes of what is left.
    public init(_ key: PublicKey) {
        let bits = key.bytes.flatMap { byte in (0..<8).map { ~byte >> (7 - $0) & 1 } }
        let ones = bits.prefix { $0 == 1 }.count
        let rest = bits.dropFirst(ones + 1)
        var bytes: [UInt8] = [0x02, UInt8(clamping: ones)]
        for start in stride(from: 0, to: 14 * 8, by: 8) {
            // A key of which nothing is left, which nobody can have, is filled up with zeros.
            let byte = rest.dropFirst(start).prefix(8)
            bytes.append(byte.enumerated().reduce(0) { $0 | $1.element << (7 - UInt8($1.offset)) })
        }
        self.bytes = bytes
    }

    /// The first address of the key's network: `03` instead of `02`, and the first 8 bytes.
    public var network: [UInt8] { [0x03] + bytes[1..<8] + [UInt8](repeating: 0, count: 8) }

    /// Without prefix length.
    public var description: String { IPAddress(bytes: bytes)?.text ?? "" }
    /// With prefix length.
    public var networkText: String { (IPAddress(bytes: network)?.text ?? "") + "/64" }
}
