/// How the runtime wants signed calls.
public struct ExtrinsicFormat: Sendable {
    public let type: UInt32
    public let version: UInt8
    /// In the order of the encoding.
    public let extensions: [Extension]

    public init(type: UInt32, version: UInt8, extensions: [Extension]) {
        self.type = type
        self.version = version
        self.extensions = extensions
    }

    /// Something that goes with a call: a part that is sent and a part that is only signed.
    public struct Extension: Sendable {
        public let name: String
        public let extra: UInt32
        public let additional: UInt32

        public init(name: String, extra: UInt32, additional: UInt32) {
            self.name = name
            self.extra = extra
            self.additional = additional
        }
    }
}
