/// A type as the metadata describes it (docs/spec/tfchain.md section 3).
public struct RegistryType: Sendable {
    /// Module names and the type's own, such as `Option` or `tfchain_support`, `types`, `Node`; empty for nameless types.
    public let path: [String]
    /// Type parameters by name; nil for those that are not used.
    public let parameters: [(name: String, type: UInt32?)]
    public let definition: Definition

    public enum Definition: Sendable {
        case composite([Field])
        case variants([Variant])
        case sequence(UInt32)
        case array(count: UInt32, UInt32)
        case tuple([UInt32])
        case primitive(Primitive)
        case compact(UInt32)
        case bitSequence(store: UInt32, order: UInt32)
    }

    /// A field of a struct, of a variant or of a call.
    public struct Field: Sendable {
        public let name: String?
        public let type: UInt32
        /// As the source spells it.
        public let typeName: String?

        public init(name: String?, type: UInt32, typeName: String? = nil) {
            self.name = name
            self.type = type
            self.typeName = typeName
        }
    }

    public struct Variant: Sendable {
        public let name: String
        public let index: UInt8
        public let fields: [Field]

        public init(name: String, index: UInt8, fields: [Field] = []) {
            self.name = name
            self.index = index
            self.fields = fields
        }
    }

    /// In the order of their numbers in metadata.
    public enum Primitive: UInt8, Sendable {
        case bool, char, str, u8, u16, u32, u64, u128, u256, i8, i16, i32, i64, i128, i256

        /// Width of an integer; nil for the others.
        public var bits: Int? {
            switch self {
            case .bool, .char, .str: nil
            case .u8, .i8: 8
            case .u16, .i16: 16
            case .u32, .i32: 32
            case .u64, .i64: 64
            case .u128, .i128: 128
            case .u256, .i256: 256
            }
        }
    }

    public init(path: [String] = [], parameters: [(name: String, type: UInt32?)] = [], _ definition: Definition) {
        self.path = path
        self.parameters = parameters
        self.definition = definition
    }

    /// `Option`, which has a shape of its own in trees.
    var isOption: Bool { path.count == 1 && path[0] == "Option" }
}

extension RegistryType {
    /// The variants of an enum; nil for other types.
    public var variants: [Variant]? { if case .variants(let variants) = definition { variants } else { nil } }

    /// The variant with that number in the encoding, which may have gaps.
    func variant(index: UInt8) -> Variant? {
        guard case .variants(let variants) = definition else { return nil }
        if Int(index) < variants.count, variants[Int(index)].index == index { return variants[Int(index)] }
        return variants.first { $0.index == index }
    }

    func variant(named name: String) -> Variant? { variants?.first { $0.name == name } }
}
