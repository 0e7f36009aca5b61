/// What a parser accepts at most.
public struct JSONLimits: Sendable, Hashable {
    /// Deeper nesting than this is never read, whatever is asked for: parsers and writers recurse.
    public static let deepest = 512

    /// Bytes of the whole text.
    public let maxBytes: Int
    /// Objects and arrays inside each other, the root counting 1.
    public let maxDepth: Int

    public init(maxBytes: Int = 16 << 20, maxDepth: Int = 128) {
        self.maxBytes = maxBytes
        self.maxDepth = min(maxDepth, Self.deepest)
    }
}

/// How forgiving a parser is.
public enum JSONMode: Sendable {
    /// Valid UTF-8 without byte order mark, no unpaired surrogates, no repeated members at any depth.
    case strict
    /// As the grid's programs read (docs/spec/deployment.md section 2.1): each invalid byte inside a string and each
    /// unpaired surrogate becomes U+FFFD, repeated members are kept.
    case lenient
}
