import Testing

@testable import RMB

@Suite("Choice of a relay")
struct LineChoiceTests {
    private func shares(_ choice: inout LineChoice, of lines: [Int], turns: Int) -> [Int] {
        var counts = [0, 0, 0]
        for _ in 0..<turns { if let line = choice.next(of: lines) { counts[line] += 1 } }
        return counts
    }

    @Test("relays that work carry equal shares, in turn")
    func equal() {
        var choice = LineChoice(count: 3)
        #expect((0..<6).map { _ in choice.next(of: [0, 1, 2]) } == [0, 1, 2, 0, 1, 2])
        #expect(choice.next(of: []) == nil)
    }

    @Test("a relay that fails carries little but something, and has its full share again once it works")
    func fairReturn() {
        var choice = LineChoice(count: 2)
        for _ in 0..<10 { choice.failed(0) }
        let low = shares(&choice, of: [0, 1], turns: 202)
        #expect(low[0] >= 1 && low[0] <= 4)
        for _ in 0..<10 { choice.succeeded(0) }
        let back = shares(&choice, of: [0, 1], turns: 200)
        #expect(abs(back[0] - back[1]) <= 2)
    }

    @Test("a relay that was away is not flooded when it returns")
    func noFlood() {
        var choice = LineChoice(count: 2)
        _ = shares(&choice, of: [1], turns: 1000)
        #expect(shares(&choice, of: [0, 1], turns: 10)[0] <= 6)
    }
}
