import JSON

extension RMBMessage {
    /// Reads the first JSON value of a body by the rules of `docs/spec/rmb-direct.md` section 2: names in any case,
    /// the last of repeated ones, `null` and absence as zero, unknown members and trailing bytes ignored.
    /// - Throws: `malformed` with the text `couldn't parse json`.
    public init(parsing body: [UInt8]) throws(RMBError) {
        let limits = JSONLimits(maxBytes: Self.sizeLimit, maxDepth: 64)
        guard let value = try? JSONValue.parsingFirst(of: body, mode: .lenient, limits: limits).value else {
            throw Self.malformed
        }
        try self.init(value)
    }

    init(_ value: JSONValue) throws(RMBError) {
        self.init()
        version = 0
        returnQueue = ""
        guard let object = value.objectValue else {
            guard value.isNull else { throw Self.malformed }
            return
        }
        for member in object.members where !member.value.isNull { try read(member) }
    }

    static var malformed: RMBError { RMBError(.malformed, "couldn't parse json") }

    private mutating func read(_ member: JSONMember) throws(RMBError) {
        switch FieldName(member.key) {
        case .ver: version = try Self.integer(member.value)
        case .uid: uid = try Self.text(member.value)
        case .cmd: command = try Self.text(member.value)
        case .exp: expiration = try Self.integer(member.value)
        case .try: retries = try Self.integer(member.value)
        case .dat: data = try Self.text(member.value)
        case .src: source = try Self.integer(member.value)
        case .dst: destinations = try Self.integers(member.value)
        case .ret: returnQueue = try Self.text(member.value)
        case .shm: schema = try Self.text(member.value)
        case .now: now = try Self.integer(member.value)
        case .pxy: isProxied = try Self.flag(member.value)
        case .err: error = try Self.text(member.value)
        case .sig: signature = try Self.text(member.value)
        case nil: break
        }
    }

    private static func integer(_ value: JSONValue) throws(RMBError) -> Int64 {
        if let number = value.int64Value { return number }
        throw malformed
    }

    private static func text(_ value: JSONValue) throws(RMBError) -> String {
        if let text = value.stringValue { return text }
        throw malformed
    }

    private static func flag(_ value: JSONValue) throws(RMBError) -> Bool {
        if let flag = value.boolValue { return flag }
        throw malformed
    }

    private static func integers(_ value: JSONValue) throws(RMBError) -> [Int64] {
        guard let values = value.arrayValue else { throw malformed }
        var numbers: [Int64] = []
        for value in values { numbers.append(value.isNull ? 0 : try integer(value)) }
        return numbers
    }
}

/// A member of the message, found without regard to letter case.
private enum FieldName: String, CaseIterable {
    case ver, uid, cmd, exp, `try`, dat, src, dst, ret, shm, now, pxy, err, sig

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { (pack($0.rawValue), $0) })

    init?(_ name: String) {
        guard let packed = Self.pack(name), let field = Self.byName[packed] else { return nil }
        self = field
    }

    /// Three folded letters as one number; all names have three. Folding is that of `JSONObject.fold`.
    private static func pack(_ name: String) -> UInt32? {
        var packed: UInt32 = 0
        var count = 0
        for scalar in name.unicodeScalars {
            let letter: UInt32
            switch scalar.value {
            case 0x41...0x5a: letter = scalar.value | 0x20
            case 0x61...0x7a: letter = scalar.value
            case 0x17f: letter = 0x73
            default: return nil
            }
            count += 1
            guard count <= 3 else { return nil }
            packed = packed << 8 | letter
        }
        return packed
    }
}
