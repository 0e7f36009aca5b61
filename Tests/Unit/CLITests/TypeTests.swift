import Foundation
import JSON
import Schema
import Testing

@testable import CLI

/// Types that explain themselves: everything here knows them by their schema alone.
@Suite("Types")
struct TypeTests {
    private let disk = KnownType(description: [
        "name": "disk-2", "summary": "Disks.", "plugin": "org.example.disk", "version": "1.2.0", "shareable": true,
        "updatable": ["/size"], "exports": ["block-device"],
        "references": [["pointer": "/mounts/*/name", "exports": ["directory"], "types": ["share"], "scope": "twin"]],
        "schema": [
            "type": "object", "required": ["size", "mode", "where"], "additionalProperties": false,
            "properties": [
                "size": ["type": "integer", "minimum": 10, "multipleOf": 4, "description": "Bytes."],
                "mode": ["enum": ["fast", "slow"]],
                "where": ["$ref": "#/$defs/place"],
                "label": ["type": ["null", "string"], "maxLength": 8],
                "mounts": ["type": "array", "items": ["allOf": [["$ref": "#/$defs/mount"]]]],
                "yes": ["type": "boolean", "default": true],
            ],
            "$defs": [
                "mount": [
                    "type": "object", "required": ["name"],
                    "properties": ["name": ["type": "string"], "at": ["type": "string", "pattern": "^/"]],
                ],
                "place": ["type": "object", "required": ["row"], "properties": ["row": ["type": "integer"]]],
            ],
        ],
    ])

    @Test("a schema becomes an outline")
    func outline() {
        let schema: JSONValue = [
            "type": "object", "required": ["size"],
            "properties": [
                "size": ["type": "integer", "minimum": 1, "description": "bytes"],
                "mounts": ["type": "array", "items": ["$ref": "#/$defs/mount"]],
            ],
            "$defs": ["mount": ["type": "object", "properties": ["at": ["type": "string"]]]],
        ]
        #expect(
            SchemaOutline(SchemaView(schema)).lines == [
                "  size    integer         required  bytes; at least 1",
                "  mounts  list of object  optional  ",
                "    at    text            optional  ",
            ])
    }

    @Test("a part is found by its path, through lists, references and combinations")
    func path() throws {
        let at = try TypeMember(at: ["mounts", "at"], in: disk.schema, of: disk.name)
        #expect(at.pointer == "/mounts/*/at")
        #expect(at.isRequired == false)
        #expect(at.view.kind == "text")
        #expect(at.view.rules == ["matches ^/"])
        let name = try TypeMember(at: ["mounts", "name"], in: disk.schema, of: disk.name)
        #expect(name.isRequired == true)
        #expect(
            disk.reference(at: name.pointer)
                == "names a workload of type share of the twin's deployments that exports directory")
        let size = try TypeMember(at: ["size"], in: disk.schema, of: disk.name)
        #expect(disk.isUpdatable(size.pointer))
        #expect(!disk.isUpdatable(at.pointer))
    }

    @Test("a part that is not there is named with those that are")
    func noSuchPart() {
        let error = #expect(throws: CommandError.self) {
            try TypeMember(at: ["where", "column"], in: disk.schema, of: disk.name)
        }
        #expect(error?.message == "disk-2.where has no member 'column'")
        #expect(error?.hint == "it has row")
    }

    @Test("the file of a new workload is YAML that means valid data, with every member explained")
    func example() throws {
        let example = WorkloadExample(of: disk, name: "disk")
        #expect(example.problems.isEmpty)
        let value = try DeploymentFile.value(of: example.text)
        let workload = try #require(value["workloads"]?[0])
        #expect(workload["type"] == "disk-2")
        #expect(workload["data"] == example.data)
        #expect(example.data == ["size": 12, "mode": "fast", "where": ["row": 0]])
        for part in ["# Bytes; integer; at least 10; a multiple of 4; required", "# label:", "mounts: []", "- name:"] {
            #expect(example.text.contains(part), "\(part) is missing in\n\(example.text)")
        }
        _ = try DeploymentFile.description(value, fallbackName: "file")
    }

    @Test("taking the comment marks away leaves YAML that means valid data too")
    func uncommented() throws {
        let example = WorkloadExample(of: disk, name: "disk")
        var isListed = false
        let lines = example.text.split(separator: "\n").compactMap { line -> String? in
            guard let mark = line.firstIndex(of: "#"), line.hasPrefix(" ") else {
                return line.hasPrefix("#") ? nil : String(line)
            }
            let rest = line[line.index(mark, offsetBy: 2)...]
            if rest.hasPrefix("each element") { isListed = true }
            let isMember = rest.contains(":") && !rest.hasPrefix("#") && !rest.contains(";") && !rest.hasPrefix("each")
            return isMember ? line[..<mark] + String(rest) : nil
        }
        #expect(isListed)
        let text = lines.map { $0.hasSuffix("mounts: []") ? $0.replacing(" []", with: "") : $0 }.joined(separator: "\n")
        let data = try #require(try DeploymentFile.value(of: text)["workloads"]?[0]?["data"])
        let mount = try #require(data["mounts"]?[0], "no mount in\n\(text)")
        #expect(mount["name"] != nil && mount["at"] != nil)
        #expect(data["yes"] == true)
    }

    @Test("whatever a schema says, circles included, an example ends and is YAML")
    func circles() throws {
        let schemas: [JSONValue] = [
            ["$ref": "#"], ["allOf": [["$ref": "#"]], "properties": ["a": ["$ref": "#"]], "required": ["a"]],
            true, ["type": "string", "minLength": 1_000_000_000],
            ["type": "integer", "minimum": 9_223_372_036_854_775_807],
            ["type": "array", "minItems": 1_000_000, "items": ["type": "integer"]],
            ["type": "integer", "minimum": -9_223_372_036_854_775_807, "multipleOf": 9_223_372_036_854_775_807],
            [
                "properties": ["no": ["type": "null"], "a: #b\n": ["const": ["x": "\n"]]],
                "required": ["no", "a: #b\n"],
            ],
        ]
        for schema in schemas {
            let type = KnownType(description: ["name": "odd", "schema": schema])
            let example = WorkloadExample(of: type, name: "odd")
            let value = try DeploymentFile.value(of: example.text)
            #expect(value["workloads"]?[0]?["data"] == example.data, "\(example.text)")
        }
    }

    @Test("every schema of the plugins in this repository gives a file that says what still has to be filled in")
    func ownTypes() throws {
        let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../..").standardizedFileURL
        var count = 0
        for folder in ["Plugins", "Samples"] {
            for plugin in try FileManager.default.contentsOfDirectory(atPath: root.path + "/\(folder)") {
                let schemas = root.path + "/\(folder)/\(plugin)/schemas"
                for file in try FileManager.default.contentsOfDirectory(atPath: schemas) {
                    let bytes = try #require(FileManager.default.contents(atPath: "\(schemas)/\(file)"))
                    let schema = try JSONValue(parsing: Array(bytes))
                    let example = WorkloadExample(
                        of: KnownType(description: ["name": "t", "schema": schema]), name: "t")
                    let data = try DeploymentFile.value(of: example.text)["workloads"]?[0]?["data"]
                    #expect(data == example.data, "\(example.text)")
                    #expect(try Schema(compiling: schema).validate(example.data) == example.problems)
                    count += 1
                }
            }
        }
        #expect(count >= 5)
    }
}
