import JSON
import Testing

@testable import Hosting

@Suite("Companion command")
struct CompanionCommandTests {
    private static let folder = "/run/zos/companions/p/i/files"

    private func render(_ arguments: JSONValue, _ slots: JSONValue) throws -> CompanionCommand {
        let specification = try CompanionSpecification(parsing: [
            "id": "x", "program": "/bin/x", "arguments": arguments,
        ])
        return try CompanionCommand(specification, slots: slots, folder: Self.folder)
    }

    @Test("texts, formats, lists and conditions become arguments, and the same descriptor one number")
    func renders() throws {
        let tap: JSONValue = ["tap": "t-1"]
        let command = try render(
            [
                "-m", ["format": "{memory}M{{x}}", "slots": ["memory": ["type": "integer", "min": 1, "max": 9999]]],
                [
                    "each": "disks",
                    "arguments": [
                        "-drive",
                        [
                            "format": "id=d{index},file={disk}",
                            "slots": ["index": "integer", "disk": ["type": "descriptor", "as": "path"]],
                        ],
                    ],
                ],
                ["when": "quiet", "arguments": ["-q"]], ["when": "loud", "arguments": ["-v"]],
                ["slot": "socket", "type": "path"], ["slot": "tap", "type": "descriptor"],
                ["format": "fd={tap},mac={mac}", "slots": ["tap": "descriptor", "mac": "mac"]],
            ],
            [
                "memory": 256, "quiet": true, "socket": "control", "tap": tap, "mac": "02:00:00:00:00:01",
                "disks": [
                    ["disk": ["reference": "7-1-a", "export": "block-device"]],
                    ["disk": ["reference": "7-1-b", "export": "block-device", "access": "read"]],
                ],
            ])
        #expect(
            command.arguments == [
                "/bin/x", "-m", "256M{x}", "-drive", "id=d0,file=/dev/fd/3", "-drive", "id=d1,file=/dev/fd/4", "-q",
                Self.folder + "/control", "5", "fd=5,mac=02:00:00:00:00:01",
            ])
        #expect(command.descriptors.count == 3)
    }

    @Test(
        "no slot can carry a separator, a path, an option or a line break",
        arguments: ["a,b", "a=b", "-o", "../x", "a/b", "", ".", "a b", "a\nb", "a\0b", "é", "a:b", "a;b", "$(x)"])
    func refusesInjection(_ text: String) throws {
        for type in ["name", "path", "mac"] as [JSONValue] {
            #expect(throws: HostingError.self) { try render([["slot": "s", "type": type]], ["s": .string(text)]) }
        }
        for type: JSONValue in [
            ["type": "integer", "min": 0, "max": 10], ["type": "enumeration", "values": ["one"]],
            ["type": "descriptor"],
        ] {
            let format: JSONValue = ["format": "x={s}", "slots": ["s": type]]
            #expect(throws: HostingError.self) { try render([format], ["s": .string(text)]) }
        }
    }

    @Test("integers stay in their range and are written plainly")
    func integers() throws {
        let argument: JSONValue = [["slot": "s", "type": "integer", "min": 1, "max": 4]]
        for wrong: JSONValue in [0, 5, .number(JSONNumber(uncheckedText: "1.0")), "2", .null, true] {
            #expect(throws: HostingError.self) { try render(argument, ["s": wrong]) }
        }
        #expect(try render(argument, ["s": 4]).arguments.last == "4")
    }

    @Test("a manifest with an unknown member, a relative program or a loader variable is refused")
    func refusesManifests() {
        for wrong: JSONObject in [
            ["surprise": true], ["program": "bin/x"], ["program": "/a/../b"], ["environment": ["LD_PRELOAD": "x"]],
            ["capabilities": ["ALL"]], ["network": "host"], ["mounts": [["at": "relative", "folder": true]]],
            ["arguments": [["format": "{x}", "slots": [:]]]], ["arguments": [["format": "a}"]]], ["user": "nobody"],
            ["restart": "sometimes"], ["restart": ["when": "always", "limit": 0]], ["seccomp": "none"],
            ["restart": ["when": "always", "within": 5]], ["limits": ["descriptors": 3]], ["limits": ["time": 601]],
            ["limits": ["output": 1]], ["mounts": [["at": "/usr/lib/x", "folder": true]]],
            ["mounts": [["at": "/lib64", "folder": true]]], ["mounts": [["at": "/etc", "folder": true]]],
            ["mounts": [["at": "/proc/sys", "folder": true]]], ["mounts": [["at": "/dev/net", "folder": true]]],
        ] {
            var manifest: JSONObject = ["id": "x", "program": "/bin/x"]
            for member in wrong.members { manifest[member.key] = member.value }
            #expect(throws: HostingError.self, "\(wrong)") { try CompanionSpecification(parsing: .object(manifest)) }
        }
    }
}
