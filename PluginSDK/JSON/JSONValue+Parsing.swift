extension JSONValue {
    /// Reads a text that holds one value and nothing else but white space.
    public init(parsing bytes: [UInt8], mode: JSONMode = .strict, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        var parser = try JSONParser(bytes, mode: mode, limits: limits)
        self = try parser.value(depth: 1)
        try parser.finish()
    }

    public init(parsing text: String, mode: JSONMode = .strict, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), mode: mode, limits: limits)
    }

    /// Reads the first value of a text and ignores what follows (docs/spec/rmb-direct.md section 2).
    ///
    /// - Returns: the value, and the offset of the first byte after it.
    public static func parsingFirst(
        of bytes: [UInt8], mode: JSONMode = .lenient, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> (value: JSONValue, end: Int) {
        var parser = try JSONParser(bytes, mode: mode, limits: limits)
        let value = try parser.value(depth: 1)
        return (value, parser.position)
    }
}
