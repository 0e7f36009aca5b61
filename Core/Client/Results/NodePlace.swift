/// `zos.location.get`: where a node stands. `Unknown` for what it does not know.
public struct NodePlace: Sendable, Hashable, Decodable {
    /// Degrees.
    public let longitude: Double
    public let latitude: Double
    public let continent: String
    public let country: String
    public let countryCode: String
    public let city: String

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        longitude = try members.value(.longitude, or: 0)
        latitude = try members.value(.latitude, or: 0)
        continent = try members.value(.continent, or: "Unknown")
        country = try members.value(.country, or: "Unknown")
        countryCode = try members.value(.countryCode, or: "Unknown")
        city = try members.value(.city, or: "Unknown")
    }

    private enum CodingKeys: String, CodingKey {
        case longitude, latitude, continent, country = "country_name", countryCode = "country_code", city = "city_name"
    }
}
