/// A value as SQLite stores it.
public enum SQLiteValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// A Swift value that can be bound to a parameter.
public protocol Bindable {
    var sqliteValue: SQLiteValue { get }
}

extension SQLiteValue: Bindable {
    public var sqliteValue: SQLiteValue { self }
}

extension Bindable where Self: FixedWidthInteger {
    /// Unsigned 64-bit values keep their bit pattern: they compare as signed numbers in SQL, so order only by ids
    /// that stay below 2^63.
    public var sqliteValue: SQLiteValue { .integer(Int64(truncatingIfNeeded: self)) }
}

extension Int: Bindable {}
extension Int64: Bindable {}
extension UInt64: Bindable {}
extension Int32: Bindable {}
extension UInt32: Bindable {}
extension UInt16: Bindable {}
extension UInt8: Bindable {}

extension Bool: Bindable {
    public var sqliteValue: SQLiteValue { .integer(self ? 1 : 0) }
}

extension String: Bindable {
    public var sqliteValue: SQLiteValue { .text(self) }
}

extension [UInt8]: Bindable {
    public var sqliteValue: SQLiteValue { .blob(self) }
}

extension Optional: Bindable where Wrapped: Bindable {
    public var sqliteValue: SQLiteValue { self?.sqliteValue ?? .null }
}
