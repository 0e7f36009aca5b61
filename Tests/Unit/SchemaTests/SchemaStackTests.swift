import Foundation
import JSON
import Schema
import Synchronization
import Testing

@Suite("Nesting and the stack")
struct SchemaStackTests {
    /// Runs `body` on a thread with that stack; running out of it would end the process.
    private func run(stack: Int, _ body: @escaping @Sendable () throws -> Bool) async throws -> Bool {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result { try body() }) }
            thread.stackSize = stack
            thread.start()
        }
    }

    @Test("the deepest texts and schemas that are accepted fit on a stack of 2 MiB")
    func reading() async throws {
        let text = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        let nested = String(repeating: #"{"items":{"not":"#, count: 62) + "true" + String(repeating: "}}", count: 62)
        #expect(
            try await run(stack: 2 << 20) {
                let value = try JSONValue(parsing: text)
                _ = try Schema(compiling: try JSONValue(parsing: nested))
                return try value.canonicalText() == value.text
            })
    }

    @Test("an evaluation is given up before it leaves a stack of 4 MiB")
    func evaluation() async throws {
        let schema = try Schema(
            compiling: try JSONValue(parsing: ##"{"items":{"allOf":[{"anyOf":[{"oneOf":[{"$ref":"#"}]}]}]}}"##))
        let text = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        let value = try JSONValue(parsing: text)
        #expect(try await run(stack: 4 << 20) { schema.validate(value).map(\.rule) == ["limit"] })
    }
}
