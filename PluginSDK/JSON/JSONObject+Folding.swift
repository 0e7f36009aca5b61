extension JSONObject {
    /// The last member whose name is `name` after both are folded as the grid folds names
    /// (docs/spec/challenge-rules.md section 2): `A`–`Z`, U+017F as `s`, U+212A as `k`, nothing else.
    public func folded(_ name: String) -> JSONValue? {
        let wanted = Self.fold(name)
        return members.last { Self.fold($0.key) == wanted }?.value
    }

    /// The bytes of a folded name.
    public static func fold(_ name: String) -> [UInt8] {
        var folded: [UInt8] = []
        for scalar in name.unicodeScalars {
            switch scalar.value {
            case 0x41...0x5A: folded.append(UInt8(scalar.value) + 0x20)
            case 0x17F: folded.append(UInt8(ascii: "s"))
            case 0x212A: folded.append(UInt8(ascii: "k"))
            default: folded += UTF8Sequence.encoded(scalar)
            }
        }
        return folded
    }
}
