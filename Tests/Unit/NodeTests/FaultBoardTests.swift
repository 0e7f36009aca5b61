import Testing

@testable import Node

@Suite("Fault board")
struct FaultBoardTests {
    @Test("an operation is held at the chosen point, once, until it is released; other plugins pass")
    func holds() async throws {
        let board = FaultBoard()
        board.watch("a", holdAt: 2)
        await board.pass("provision asked", of: "a")
        await board.pass("provision asked", of: "b")
        let held = Task { await board.pass("call x", of: "a") }
        while board.json["held"] != .string("call x") { await Task.yield() }
        await board.pass("call y", of: "a")
        #expect(board.json["passed"] == ["provision asked", "call x", "call y"])
        board.release()
        await held.value
        #expect(board.json["held"] == .null)
        await board.pass("served x", of: "a")
    }

    @Test("watching anew lets go what is held, and counts from the beginning")
    func watchesAnew() async {
        let board = FaultBoard()
        board.watch("a", holdAt: 1)
        let held = Task { await board.pass("one", of: "a") }
        while board.json["held"] != .string("one") { await Task.yield() }
        board.watch("a", holdAt: nil)
        await held.value
        #expect(board.json["passed"] == [])
    }
}
