import JSON
import Signatures
import Substrate
import TestVectors

/// The grid's real metadata and the cases about it, read once.
enum GridRuntime {
    static let bytes = Result { try VectorFile.bytes("tfchain-metadata.scale") }
    static let metadata = Result { try RuntimeMetadata(parsing: try bytes.get()) }
    static let cases = Result { try VectorFile.load("tfchain.json")["cases"]?.arrayValue ?? [] }

    static func cases(_ kind: String) throws -> [JSONValue] {
        try cases.get().filter { $0["kind"]?.stringValue == kind }
    }
}

extension JSONValue {
    /// The bytes of a `0x` text.
    var hexBytes: [UInt8]? { stringValue.flatMap { try? Hex.decode($0.utf8.dropFirst(2)) } }
}

/// A generator whose numbers follow from its seed alone.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
