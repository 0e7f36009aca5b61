import Client
import Foundation
import JSON
import Schema
import TestNode
import Testing

/// The table that the unit tests walk in memory, asked of a real node with real plugins over the message bus.
@Suite("The node's commands over the bus", .serialized, .onStage)
struct CommandTests {
    let stage: Stage

    init() throws { stage = try OnStage.stage() }

    private static func rows() throws -> [JSONValue] {
        let file = String(#filePath.dropLast("/EndToEnd/CommandTests.swift".count)) + "/API/commands.json"
        let bytes = try #require(FileManager.default.contents(atPath: file))
        return try JSONValue(parsing: Array(bytes)).arrayValue ?? []
    }

    @Test("every command answers its owner, and the farmer who is administrator, as the table says")
    func table() async throws {
        let rows = try Self.rows()
        #expect(rows.count >= 70)
        let farmer = try stage.node.user("farmer")
        try await eventually("the first health check is done") {
            try await farmer.client.performance(of: "healthcheck") != nil
        }
        for row in rows {
            let callers = row["callers"]?.stringValue
            // A user is no farmer and no administrator; the development node's farmer is both.
            try await check(row, stage.user, isAllowed: callers == "any" || callers == "owner", owns: true)
            try await check(row, farmer, isAllowed: true, owns: false)
        }
        try await stage.checkUntouched()
    }

    @Test("plugins tell administrators about their workloads")
    func inspection() async throws {
        let farmer = try stage.node.user("farmer").client
        let key: JSONValue = .string("\(stage.user.twin):\(stage.contract)")
        let health = try await farmer.call("zos.debug.deployment.health", ["deployment": key])
        #expect(health["workloads"]?.arrayValue?.map { $0["status"] } == ["healthy", "healthy"], "\(health.text)")
        let features = try await stage.user.client.features()
        #expect(features.contains("wireguard") && features.contains("zmount"), "\(features)")
    }

    private func check(_ row: JSONValue, _ user: NodeUser, isAllowed: Bool, owns: Bool) async throws {
        let command = try #require(row["command"]?.stringValue)
        let outcome: JSONValue
        do {
            outcome = try await user.client.call(command, filled(row["request"] ?? .null))
        } catch {
            let expected = try #require(refusal(of: row, isAllowed: isAllowed, owns: owns), "\(row.text): \(error)")
            #expect(error.message.hasSuffix(expected) || error.message.contains(expected), "\(row.text): \(error)")
            return
        }
        #expect(isAllowed && (owns || row["others"] == nil), "\(row.text) answered \(outcome.text)")
        let schema = try Schema(compiling: try #require(row["result"], "\(row.text) answered \(outcome.text)"))
        #expect(schema.validate(outcome).isEmpty, "\(row.text): \(schema.validate(outcome)) in \(outcome.text)")
    }

    private func refusal(of row: JSONValue, isAllowed: Bool, owns: Bool) -> String? {
        guard isAllowed else { return "unauthorized" }
        if !owns, let others = row["others"]?.stringValue { return others }
        return (row["error"] ?? row["errorPart"])?.stringValue.map(fill)
    }

    private func fill(_ text: String) -> String {
        text.replacing("${twin}", with: "\(stage.user.twin)").replacing("${contract}", with: "\(stage.contract)")
            .replacing("${silent}", with: "hello").replacing("${type}", with: "echo")
    }

    private func filled(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text) where text == "${contract}": .number(JSONNumber(stage.contract))
        case .string(let text): .string(fill(text))
        case .array(let values): .array(values.map(filled))
        case .object(let object):
            .object(JSONObject(members: object.members.map { JSONMember(key: $0.key, value: filled($0.value)) }))
        default: value
        }
    }
}
