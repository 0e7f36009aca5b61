import JSON
import Testing

@testable import Hosting

/// Whatever a plugin puts into a slot: it is refused, or it is one plain value of the slot's alphabet.
@Suite("Companion slots")
struct CompanionSlotTests {
    private static let folder = "/run/zos/companions/p/i/files"

    private struct Sample {
        let type: JSONValue
        let good: String
        /// What precedes the value in the argument.
        var prefix = ""
    }

    private static let samples: [Sample] = [
        Sample(type: ["type": "name"], good: "7-12-data"), Sample(type: ["type": "mac"], good: "02:00:00:00:00:0a"),
        Sample(type: ["type": "address"], good: "10.20.3.2"),
        Sample(type: ["type": "address", "family": "ipv6"], good: "fd00::1"),
        Sample(type: ["type": "path"], good: "socket", prefix: folder + "/"),
        Sample(type: ["type": "path", "depth": 3], good: "a/b/c", prefix: folder + "/"),
        Sample(type: ["type": "enumeration", "values": ["on", "off"]], good: "on"),
    ]

    private func render(_ type: JSONValue, _ value: JSONValue) throws(HostingError) -> String? {
        var argument = type.objectValue ?? [:]
        argument["slot"] = "s"
        let specification = try CompanionSpecification(parsing: [
            "id": "x", "program": "/bin/x", "arguments": [.object(argument)],
        ])
        return try CompanionCommand(specification, slots: ["s": value], folder: Self.folder).arguments.last
    }

    @Test("every byte, in front of, within and behind a good value, is refused or in the slot's alphabet")
    func everyByte() throws {
        for sample in Self.samples {
            let type = try CompanionSlotType(parsing: sample.type, "slot")
            #expect(try render(sample.type, .string(sample.good)) == sample.prefix + sample.good)
            let good = Array(sample.good.utf8)
            for scalar in (0...0x1ff).compactMap(Unicode.Scalar.init) {
                for place in [0, good.count / 2, good.count] {
                    var text = String(decoding: good[..<place], as: UTF8.self)
                    text.unicodeScalars.append(scalar)
                    text += String(decoding: good[place...], as: UTF8.self)
                    guard let rendered = try? render(sample.type, .string(text)) else { continue }
                    let value = rendered.utf8.dropFirst(sample.prefix.utf8.count)
                    #expect(rendered.hasPrefix(sample.prefix))
                    #expect(value.allSatisfy(type.mayContain), "\(sample.type.text): \(text)")
                    #expect(value.first != UInt8(ascii: "-"), "an option: \(text)")
                }
            }
        }
    }

    @Test("no value leaves the folder, begins an option, is empty, too long or of another kind")
    func hostileValues() {
        let long = String(repeating: "a", count: 65)
        let texts = [
            "", ".", "..", "../x", "a/../b", "a/..", "/etc/passwd", "a//b", "/a", "a/", "a/./b", "-x", "--option=1",
            "a,b=c",
            "a b", "a\tb", "a\nb", "a\r", "a\0", "\0", "~", "$HOME", "%s", "a'b", "a\"b", "a\\b", "*", "fd:3",
            "file:/x", "a/-b",
            "a/.b", long, String(repeating: "a/", count: 9) + "a", "ä", "a\u{301}", "\u{2025}", "１", "::1%lo",
            "127.0.0.1 ", "02:00:00:00:00:0A", "02:00:00:00:00:0a,x", "on ",
        ]
        let others: [JSONValue] = [
            .null, true, 7, [], [:], ["on"], ["tap": "t"], .string(String(repeating: "x", count: 1 << 17)),
        ]
        for sample in Self.samples {
            for text in texts {
                guard let rendered = try? render(sample.type, .string(text)) else { continue }
                Issue.record("\(sample.type.text) took \(text) as \(rendered)")
            }
            for other in others {
                #expect(throws: HostingError.self, "\(sample.type.text)") { try render(sample.type, other) }
            }
        }
        for sample in Self.samples where !["name", "path"].contains(sample.type["type"]?.stringValue) {
            for text in ["10.20.3.2/8", "1.2.3", "0x7f.1", "02-00-00-00-00-0a", "ON", "10.20.3.256", "fd00::1::2"] {
                #expect(throws: HostingError.self, "\(sample.type.text)") { try render(sample.type, .string(text)) }
            }
        }
        for value: JSONValue in [
            "7", " 7", "7 ", -1, 11, .number(JSONNumber(uncheckedText: "7.0")),
            .number(JSONNumber(uncheckedText: "7e0")),
            .number(JSONNumber(uncheckedText: "9223372036854775808")), true, .null, [], "0x7",
        ] {
            #expect(throws: HostingError.self) { try render(["type": "integer", "min": 0, "max": 10], value) }
        }
        for value: JSONValue in [
            "3", 3, .null, [], [:], ["index": -1], ["index": "0"], ["connect": "a", "socket": "../b"], ["connect": "a"],
            ["reference": "7-1-a"], ["reference": "7-1-a", "export": "block-device", "access": "all"],
            ["path": "/etc/passwd"],
        ] {
            #expect(throws: HostingError.self, "\(value.text)") { try render(["type": "descriptor"], value) }
        }
    }

    @Test("an address is written in its usual spelling, whatever it was given in")
    func spelling() throws {
        #expect(try render(["type": "address", "family": "ipv6"], "FD00:0:0:0::1") == "fd00::1")
        #expect(throws: HostingError.self) { try render(["type": "address"], "fd00::1") }
        #expect(throws: HostingError.self) { try render(["type": "address", "family": "ipv6"], "10.0.0.1") }
    }

    @Test("a text of the plugin becomes a sealed file of limited size, never an argument")
    func files() throws {
        let type: JSONValue = ["type": "file", "max": 8]
        #expect(try render(type, "a,b -c\n") == "/dev/fd/3")
        #expect(try render(["type": "file", "as": "number"], "") == "3")
        #expect(throws: HostingError.self) { try render(type, "123456789") }
        #expect(throws: HostingError.self) { try render(type, ["index": 0]) }
        #expect(throws: HostingError.self) { try render(["type": "file", "max": 2_000_000], "") }
    }

    @Test("a type that can contain a separator of the program is refused with the manifest")
    func separators() throws {
        let free: [JSONValue] = [
            "name", ["type": "integer", "min": 0], ["type": "path"], ["type": "descriptor", "as": "path"],
            ["type": "address"],
            ["type": "enumeration", "values": ["a", "b"]], ["type": "file"],
        ]
        for type in free {
            var object = type.objectValue ?? ["type": type]
            object["separators"] = ",=;"
            #expect(throws: Never.self) { try CompanionSlotType(parsing: .object(object), "slot") }
        }
        for (type, separators): (JSONObject, String) in [
            (["type": "mac"], ":"), (["type": "address", "family": "ipv6"], ",:"),
            (["type": "integer", "min": -1], "-"),
            (["type": "enumeration", "values": ["tcg,tb-size=64"]], ","), (["type": "path"], "/"),
            (["type": "name"], "."),
            (["type": "name"], ""), (["type": "name"], " "), (["type": "name"], "é"),
        ] {
            var object = type
            object["separators"] = .string(separators)
            #expect(throws: HostingError.self, "\(object)") { try CompanionSlotType(parsing: .object(object), "slot") }
        }
    }
}
