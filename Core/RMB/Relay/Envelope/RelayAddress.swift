/// One connection of a twin: the twin and the name of its session, if it has one (`docs/spec/rmb-relay.md` section 2).
///
/// No session, the empty session and a named one are three different addresses.
public struct RelayAddress: Sendable, Hashable, CustomStringConvertible {
    public let twin: UInt32
    public let session: String?

    public init(twin: UInt32, session: String? = nil) {
        self.twin = twin
        self.session = session
    }

    /// Reads `7` or `7:session`; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let digits = parts.first, digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let twin = UInt32(digits) else {
            return nil
        }
        self.init(twin: twin, session: parts.count == 2 ? String(parts[1]) : nil)
    }

    public var description: String { session.map { "\(twin):\($0)" } ?? "\(twin)" }

    // Sessions are compared byte by byte: Swift's own comparison takes canonically equal texts for the same.
    public static func == (left: RelayAddress, right: RelayAddress) -> Bool {
        guard left.twin == right.twin else { return false }
        switch (left.session, right.session) {
        case (nil, nil): return true
        case (let left?, let right?): return left.utf8.elementsEqual(right.utf8)
        default: return false
        }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(twin)
        hasher.combine(session == nil)
        for byte in (session ?? "").utf8 { hasher.combine(byte) }
    }
}
