/// Lets a `Codable` type have members of any JSON. Only this module's own coder carries it: there it stays as it is.
extension JSONValue: Codable {
    public init(from decoder: any Decoder) throws {
        throw DecodingError.dataCorrupted(
            DecodingError.Context(
                codingPath: decoder.codingPath, debugDescription: "a JSONValue is decoded with JSONValue.decode only"))
    }

    public func encode(to encoder: any Encoder) throws {
        throw EncodingError.invalidValue(
            self,
            EncodingError.Context(
                codingPath: encoder.codingPath,
                debugDescription: "a JSONValue is encoded with JSONValue(encoding:) only"))
    }
}
