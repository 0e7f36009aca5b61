extension CallRule {
    /// Whether a call of this name with these arguments, six of them, meets the rule.
    public func matches(_ arguments: [UInt64]) -> Bool {
        conditions.allSatisfy { condition in
            let index = Int(condition.argument)
            return arguments.indices.contains(index) && arguments[index] & condition.mask == condition.value
        }
    }
}
