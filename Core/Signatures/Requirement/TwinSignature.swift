/// A signature as a deployment carries it: hexadecimal text without a type byte.
public struct TwinSignature: Sendable, Hashable {
    public var twin: UInt32
    public var signature: String
    /// `sr25519` in exactly that spelling selects that scheme; anything else, also nothing, means ed25519.
    public var type: String

    public init(twin: UInt32, signature: String, type: String) {
        self.twin = twin
        self.signature = signature
        self.type = type
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.twin == right.twin && left.signature.utf8.elementsEqual(right.signature.utf8)
            && left.type.utf8.elementsEqual(right.type.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(twin)
        for byte in signature.utf8 { hasher.combine(byte) }
    }
}
