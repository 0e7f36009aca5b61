import JSON

/// A limit: fixed, or computed from an integer slot (`slot × times + plus`).
public enum CompanionQuantity: Sendable, Hashable {
    case fixed(UInt64)
    case slot(String, times: UInt64, plus: UInt64)

    init(parsing value: JSONValue, _ path: String) throws(HostingError) {
        if let number = value.uint64Value {
            self = .fixed(number)
            return
        }
        let reader = try ManifestObject(value, path, members: ["slot", "plus", "times"])
        guard let plus = (reader["plus"] ?? 0).uint64Value, let times = (reader["times"] ?? 1).uint64Value else {
            throw reader.wrong("plus", "a whole number, like \"times\"")
        }
        self = .slot(try reader.text("slot"), times: times, plus: plus)
    }

    /// The value for these slots.
    /// - Throws: `invalid` if the slot is missing, no whole number, or the result does not fit.
    func value(_ slots: JSONValue) throws(HostingError) -> UInt64 {
        switch self {
        case .fixed(let value): return value
        case .slot(let name, let times, let plus):
            guard let slot = slots[name]?.uint64Value else {
                throw HostingError(.invalid, "slot \(name) sets a limit and has to be a whole number")
            }
            let (product, tooLarge) = slot.multipliedReportingOverflow(by: times)
            let (sum, alsoTooLarge) = product.addingReportingOverflow(plus)
            guard !tooLarge, !alsoTooLarge else { throw HostingError(.invalid, "slot \(name) is too large") }
            return sum
        }
    }
}
