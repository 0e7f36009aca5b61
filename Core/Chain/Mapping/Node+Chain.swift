import Contracts
import Substrate

extension Node: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        let field = try ScaleRecord(tree, of: "Node")
        self.init(
            id: try field("id").integer(), twin: try field("twin_id").integer(),
            registration: try NodeRegistration(fields: field), created: try field("created").integer())
        if let number = field["version"] { version = try number.integer() }
        publicConfig = try field("public_config").mappedOptional()
        farmingPolicy = try field("farming_policy_id").integer()
        certification = try field("certification").chosen().name
        connectionPrice = try field("connection_price").integer()
    }

    public var tree: ScaleValue {
        .record([
            "version": .number(version), "id": .number(id), "farm_id": .number(farm), "twin_id": .number(twin),
            "resources": registration.resources.tree, "location": registration.location.tree,
            "public_config": ScaleValue(publicConfig), "created": .number(created),
            "farming_policy_id": .number(farmingPolicy), "interfaces": ScaleValue(registration.interfaces),
            "certification": .variant(certification), "secure_boot": .bool(registration.secureBoot),
            "virtualized": .bool(registration.isVirtualized), "serial_number": ScaleValue(registration.serialNumber),
            "connection_price": .number(connectionPrice),
        ])
    }
}

extension NodeRegistration {
    /// The members that a node and the calls that make and change one share.
    init(fields field: ScaleRecord) throws(SubstrateError) {
        self.init(
            farm: try field("farm_id").integer(), resources: try Resources(try field("resources")),
            location: try Location(try field("location")), interfaces: try field("interfaces").mapped(),
            secureBoot: try field("secure_boot").boolean(), isVirtualized: try field("virtualized").boolean(),
            serialNumber: try field("serial_number").optionalText())
    }

    /// The arguments of the calls.
    var arguments: [ScaleField] {
        [
            ScaleField("farm_id", .number(farm)), ScaleField("resources", resources.tree),
            ScaleField("location", location.tree), ScaleField("interfaces", ScaleValue(interfaces)),
            ScaleField("secure_boot", .bool(secureBoot)), ScaleField("virtualized", .bool(isVirtualized)),
            ScaleField("serial_number", ScaleValue(serialNumber)),
        ]
    }
}

extension Location: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        let field = try ScaleRecord(tree, of: "Location")
        self.init(
            city: try field("city").displayText(), country: try field("country").displayText(),
            latitude: try field("latitude").displayText(), longitude: try field("longitude").displayText())
    }

    public var tree: ScaleValue {
        .record([
            "city": .utf8(city), "country": .utf8(country), "latitude": .utf8(latitude), "longitude": .utf8(longitude),
        ])
    }
}

extension Interface: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        let field = try ScaleRecord(tree, of: "Interface")
        var ips: [String] = []
        for ip in try field("ips").elements() { ips.append(try ip.displayText()) }
        self.init(name: try field("name").displayText(), mac: try field("mac").displayText(), ips: ips)
    }

    public var tree: ScaleValue {
        .record(["name": .utf8(name), "mac": .utf8(mac), "ips": .list(ips.map(ScaleValue.utf8))])
    }
}
