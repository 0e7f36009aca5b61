import Signatures

/// An account in a genesis file: its address, or `{"secret": "//Alice", "scheme": "sr25519"}` for development.
public struct AccountName: Sendable, Hashable, Codable {
    public let id: AccountID

    public init(_ id: AccountID) { self.id = id }

    private enum CodingKeys: String, CodingKey { case secret, scheme }

    public init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            do {
                id = try AccountID(address: text)
            } catch {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: error.message))
            }
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decode(String.self, forKey: .scheme)
        guard let scheme = KeyScheme(rawValue: name) else {
            throw DecodingError.dataCorruptedError(
                forKey: .scheme, in: container, debugDescription: "a scheme is ed25519 or sr25519")
        }
        do {
            let key = try KeyPair(secretURI: container.decode(String.self, forKey: .secret), scheme: scheme)
            id = AccountID(key.publicKey)
        } catch let error as SignatureError {
            throw DecodingError.dataCorruptedError(forKey: .secret, in: container, debugDescription: error.message)
        }
    }

    public func encode(to encoder: any Encoder) throws { try id.encode(to: encoder) }
}
