import JSON
import Testing

@Suite("JSON coding")
struct JSONCodingTests {
    struct Disk: Codable, Equatable {
        enum Mode: String, Codable { case seq, user }
        var size: UInt64
        var name: String?
        var mode: Mode
        var tags: [String: [Int8]]
        var ratio: Double
        var raw: JSONValue
    }

    @Test("a value comes back as it was")
    func roundTrip() throws {
        let disk = Disk(
            size: .max, name: nil, mode: .user, tags: ["a": [1, -128]], ratio: 0.1, raw: ["n": [.null, true, "x"]])
        let value = try JSONValue(encoding: disk)
        #expect(
            value.text
                == "{\"size\":18446744073709551615,\"mode\":\"user\",\"tags\":{\"a\":[1,-128]},\"ratio\":0.1,\"raw\":{\"n\":[null,true,\"x\"]}}"
        )
        #expect(try value.decode(Disk.self) == disk)
    }

    @Test(
        "integers are never rounded, cut or read from fractions",
        arguments: ["1.0", "1e2", "256", "-0", "\"1\"", "null"])
    func integers(_ text: String) throws {
        let value = try JSONValue(parsing: "{\"n\":[\(text)]}")
        #expect(throws: JSONError.self) { try value.decode([String: [UInt8]].self) }
    }

    @Test("errors name the path")
    func path() throws {
        let value = try JSONValue(parsing: "{\"a\":[{\"size\":\"x\"}]}")
        #expect(throws: JSONError(.kind, "a[0].size: expected a number, found string")) {
            try value.decode([String: [Disk]].self)
        }
        let missing = try JSONValue(parsing: "[{\"size\":1}]")
        #expect(throws: JSONError(.missing, "[0].mode is missing")) { try missing.decode([Disk].self) }
    }

    @Test("names can be folded")
    func folded() throws {
        struct Peer: Decodable { let name: String }
        let value = try JSONValue(parsing: "{\"name\":\"a\",\"NAME\":\"b\"}")
        #expect(try value.decode(Peer.self, names: .folded).name == "b")
        #expect(try value.decode(Peer.self).name == "a")
    }

    @Test("numbers that JSON does not have are refused")
    func nonFinite() {
        #expect(throws: JSONError.self) { try JSONValue(encoding: [Double.nan]) }
        #expect(throws: JSONError.self) { try JSONValue(encoding: Double.infinity) }
    }
}
