/// A value that comes later, for whoever guards it with a lock.
struct Promise<Value: Sendable>: Sendable {
    private(set) var value: Value?
    private var waiting: [@Sendable (Value) -> Void] = []

    /// Calls `body` with the value, now or when it is there.
    mutating func wait(_ body: @escaping @Sendable (Value) -> Void) {
        if let value { body(value) } else { waiting.append(body) }
    }

    /// Only the first value counts.
    mutating func fulfil(_ value: Value) {
        guard self.value == nil else { return }
        self.value = value
        for body in waiting { body(value) }
        waiting = []
    }
}
