/// The relays of a twin, as the ledger has them: host names joined by `_` (docs/spec/rmb-relay.md section 8).
enum RelayNames {
    /// A convention of the grid; more are not tried.
    static let limit = 4

    /// Lower-cased and without repetition, in their order. Empty for no text and for text that holds no name.
    static func split(_ text: String?) -> [String] {
        var names: [String] = []
        for part in (text ?? "").split(separator: "_") {
            let name = part.lowercased()
            if isName(name), !names.contains(name) { names.append(name) }
        }
        return Array(names.prefix(limit))
    }

    /// Letters, digits, `.` and `-`, without leading, double or trailing dot.
    static func isName(_ name: String) -> Bool {
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return name.utf8.count <= 253
            && labels.allSatisfy { label in
                !label.isEmpty
                    && label.allSatisfy { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                            true
                        default: false
                        }
                    }
            }
    }
}
