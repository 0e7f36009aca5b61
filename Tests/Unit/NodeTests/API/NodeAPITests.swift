import JSON
import RMB
import Testing

@testable import Node

@Suite("The node's commands")
struct NodeAPITests {
    @Test("every command has its access rule, its result's shape and its refusals, for callers of each kind")
    func table() async throws {
        #expect(CommandTable.rows.count >= 70)
        try await CommandBench.with { bench in
            for row in CommandTable.rows {
                for caller in CommandBench.Twin.allCases { await check(row, caller, bench) }
            }
        }
    }

    @Test("every command that is served is in the table")
    func complete() async throws {
        let tried = Set(CommandTable.rows.map(\.command))
        try await CommandBench.with { bench in
            let known: Set = ["zos.deployment.plan", "zos.publicip.counters"]
            #expect(Set(bench.router.commands).subtracting(tried) == known)
        }
    }

    @Test("whoever may not enter a name space reads the same for what exists there and what does not")
    func hidden() async throws {
        try await CommandBench.with { bench in
            for name in [
                "zos.admin.interfaces", "zos.admin.x", "zos.debug.deployment.list", "zos.debug.x.y",
                "zos.network.admin.x",
            ] {
                for caller in [CommandBench.Twin.owner, .other] {
                    #expect(await refusal(name, .null, caller, bench) == "unauthorized", "\(name)")
                }
            }
        }
    }

    @Test("what is no JSON is refused with the decoder's text, and never a crash")
    func garbage() async throws {
        try await CommandBench.with { bench in
            for text in ["", "{", "x", "\u{0}", "[[[[", "{\"contract_id\":1}}", String(repeating: "[", count: 5000)] {
                for command in ["zos.deployment.get", "zos.perf.get", "zos.debug.deployment.info"] {
                    let error = await #expect(throws: (any Error).self) {
                        try await bench.ask(command, Array(text.utf8), as: .admin)
                    }
                    #expect("\(error as Any)".isEmpty == false)
                }
            }
            #expect(await refusal("zos.deployment.get", nil, .owner, bench) == "unexpected end of JSON input")
        }
    }

    private func check(_ row: CommandTable.Row, _ caller: CommandBench.Twin, _ bench: CommandBench) async {
        let request = filled(row.request, bench)
        let outcome: Result<JSONValue, any Error>
        do {
            outcome = .success(try await bench.ask(row.command, request, as: caller))
        } catch {
            outcome = .failure(error)
        }
        let mayCall =
            switch row.callers {
            case "farmer": caller == .farmer
            case "admin": caller == .admin
            default: true
            }
        switch outcome {
        case .success(let value):
            #expect(mayCall, "\(row) for \(caller)")
            #expect(row.others == nil || caller == .owner, "\(row) for \(caller)")
            guard let schema = row.result else {
                Issue.record("\(row) answered \(value.text)")
                return
            }
            #expect(schema.validate(value).isEmpty, "\(row): \(schema.validate(value)) in \(value.text)")
        case .failure(let error):
            guard mayCall else {
                #expect("\(error)" == "unauthorized", "\(row) for \(caller)")
                return
            }
            if let part = row.errorPart {
                #expect("\(error)".hasPrefix(part), "\(row): \(error)")
                return
            }
            let expected = caller == .owner ? row.error : row.others ?? row.error
            #expect("\(error)" == expected.map { fill($0, bench) }, "\(row) for \(caller)")
        }
    }

    private func refusal(
        _ command: String, _ payload: JSONValue?, _ caller: CommandBench.Twin, _ bench: CommandBench
    ) async -> String {
        do {
            _ = try await bench.ask(command, payload.map { Array($0.text.utf8) } ?? [], as: caller)
            return ""
        } catch {
            return "\(error)"
        }
    }

    private func fill(_ text: String, _ bench: CommandBench) -> String {
        text.replacing("${twin}", with: "3").replacing("${contract}", with: "\(bench.contract)")
            .replacing("${silent}", with: "a").replacing("${type}", with: "plain")
    }

    /// A text that is nothing but the contract becomes its number.
    private func filled(_ value: JSONValue, _ bench: CommandBench) -> JSONValue {
        switch value {
        case .string(let text) where text == "${contract}": .number(JSONNumber(bench.contract))
        case .string(let text): .string(fill(text, bench))
        case .array(let values): .array(values.map { filled($0, bench) })
        case .object(let object):
            .object(JSONObject(members: object.members.map { JSONMember(key: $0.key, value: filled($0.value, bench)) }))
        default: value
        }
    }
}
