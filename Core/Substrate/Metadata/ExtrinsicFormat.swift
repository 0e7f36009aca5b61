/// How the runtime wants signed calls.
public struct ExtrinsicFormat: Sendable {
    public let type: UInt32
    public let version: UInt8
    /// In the order of the encoding.
    public let extensions: [Extension]

    /// Something that goes with a call: a part that is sent and a part that is only signed.
    public struct Extension: Sendable {
        public let name: String
        public let extra: UInt32
        public let additional: UInt32
    }
}
