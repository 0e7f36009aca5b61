import Foundation
import TestNode
import Testing

/// What a newcomer does, word for word: each document is followed by a script, in folders of its own.
@Suite("Authoring", .serialized)
struct AuthoringTests {
    private static let script = String(#filePath.dropLast("/AuthoringTests.swift".count)) + "/authoring/run"

    @Test(
        "from an empty folder to a deployed workload of a new type, by the README of the template alone",
        arguments: ["swift", "c", "rust"])
    func readme(language: String) async throws { try await follow(language) }

    @Test("the tutorial works word for word")
    func tutorial() async throws { try await follow("tutorial") }

    private func follow(_ document: String) async throws {
        let outcome = try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result {
                        try Programs.run("/usr/bin/env", ["ZOS_BIN=\(Programs.built)", Self.script, document])
                    })
            }
        }
        print(outcome.output)
        #expect(outcome.status == 0, "\(outcome.output)")
    }
}
