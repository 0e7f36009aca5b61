/// The terms and conditions that an account accepted.
public struct TermsAcceptance: Sendable, Hashable, Codable {
    /// Seconds since 1970.
    public let timestamp: UInt64
    public let document: String
    public let hash: String

    public init(timestamp: UInt64, document: String = "", hash: String = "") {
        self.timestamp = timestamp
        self.document = document
        self.hash = hash
    }

    public init(from decoder: any Decoder) throws {
        // Earlier versions kept only that there are some.
        if (try? decoder.singleValueContainer().decode(Bool.self)) == true {
            self.init(timestamp: 0)
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            timestamp: try container.decode(UInt64.self, forKey: .timestamp),
            document: try container.decode(String.self, forKey: .document),
            hash: try container.decode(String.self, forKey: .hash))
    }

    private enum CodingKeys: String, CodingKey { case timestamp, document, hash }
}
