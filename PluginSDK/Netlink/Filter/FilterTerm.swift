/// One step of a rule: a match that must hold, a counter, or what is done to the packet.
///
/// Matches load a part of the packet into the one register used here and compare it.
public struct FilterTerm: Sendable, Hashable {
    struct Expression: Sendable, Hashable {
        let name: String
        let attributes: [UInt8]
    }

    let expressions: [Expression]

    static let register: UInt32 = 1
    static let verdictRegister: UInt32 = 0

    init(_ expressions: Expression...) {
        self.expressions = expressions
    }

    static func expression(_ name: String, _ encode: (inout NetlinkWriter) -> Void) -> Expression {
        var writer = NetlinkWriter()
        encode(&writer)
        return Expression(name: name, attributes: writer.bytes)
    }

    /// Compares the register with a value.
    static func compare(_ value: [UInt8], isEqual: Bool) -> Expression {
        expression("cmp") {
            $0.attribute(1, register.bigEndian)
            $0.attribute(2, UInt32(isEqual ? 0 : 1).bigEndian)
            $0.nest(3) { $0.attribute(1, value) }
        }
    }

    /// Keeps only the register's bits that the mask has.
    static func masked(by mask: [UInt8]) -> Expression {
        expression("bitwise") {
            $0.attribute(1, register.bigEndian)
            $0.attribute(2, register.bigEndian)
            $0.attribute(3, UInt32(mask.count).bigEndian)
            $0.nest(4) { $0.attribute(1, mask) }
            $0.nest(5) { $0.attribute(1, [UInt8](repeating: 0, count: mask.count)) }
        }
    }
}
