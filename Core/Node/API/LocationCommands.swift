import Contracts
import JSON
import RMB

/// `zos.location.get`: where the operator says that the node stands. Nobody is asked (docs/spec/node-api.md section 6).
struct LocationCommands: Sendable {
    let location: NodeLocation?

    func register(on router: Router) {
        router.register("zos.location.get") { _ in
            guard let location else { throw CallError("failed to fetch location information") }
            return location.json
        }
    }
}

/// Where a node stands.
public struct NodeLocation: Sendable, Hashable {
    /// Degrees, as written.
    public let longitude: JSONNumber
    public let latitude: JSONNumber
    public let continent: String
    public let country: String
    /// Two letters.
    public let countryCode: String
    public let city: String

    /// Reads the member `location` of the configuration. Nil if it is none.
    init?(_ value: JSONValue) {
        let members = ["longitude", "latitude", "continent", "country_name", "country_code", "city_name"]
        guard let object = value.objectValue, object.keys.allSatisfy(members.contains),
            let longitude = Self.degrees(object["longitude"], limit: 180),
            let latitude = Self.degrees(object["latitude"], limit: 90)
        else { return nil }
        let texts = members.dropFirst(2).map { object[$0]?.stringValue ?? (object[$0] == nil ? "Unknown" : "") }
        guard texts.allSatisfy({ !$0.isEmpty }) else { return nil }
        (self.longitude, self.latitude) = (longitude, latitude)
        (continent, country, countryCode, city) = (texts[0], texts[1], texts[2], texts[3])
    }

    var json: JSONValue {
        [
            "longitude": .number(longitude), "latitude": .number(latitude), "continent": .string(continent),
            "country_name": .string(country), "country_code": .string(countryCode), "city_name": .string(city),
        ]
    }

    /// The same for the node's registration.
    var registered: Location {
        Location(city: city, country: country, latitude: latitude.text, longitude: longitude.text)
    }

    private static func degrees(_ value: JSONValue?, limit: Double) -> JSONNumber? {
        guard let number = value?.numberValue, let degrees = number.double, abs(degrees) <= limit else { return nil }
        return number
    }
}
