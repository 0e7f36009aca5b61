import RMB
import Testing

@testable import Relay

@Suite("SessionRegistry")
struct SessionRegistryTests {
    private let peer = RelayAddress(twin: 7, session: "a")

    @Test("a second connection of the same session replaces the first, whose clean-up leaves the second alone")
    func replacement() throws {
        var registry = SessionRegistry<String>(sessionsPerTwin: 2)
        guard case .admitted(let first, nil) = registry.connect(peer, "first"),
            case .admitted(let second, let replaced) = registry.connect(peer, "second")
        else {
            Issue.record("not admitted")
            return
        }
        #expect(replaced == "first")
        #expect(!registry.owns(peer, first))
        let wasFirst = registry.disconnect(peer, first)
        #expect(!wasFirst)
        #expect(registry.connection(of: peer) == "second")
        let wasSecond = registry.disconnect(peer, second)
        #expect(wasSecond)
        #expect(registry.connection(of: peer) == nil)
        #expect(registry.count == 0)
    }

    @Test("no session, the empty session, and names that only look the same are different sessions")
    func differentSessions() {
        var registry = SessionRegistry<Int>(sessionsPerTwin: 8)
        let sessions: [String?] = [nil, "", "é", "e\u{301}"]
        for (index, session) in sessions.enumerated() {
            _ = registry.connect(RelayAddress(twin: 7, session: session), index)
        }
        #expect(registry.count == 4)
        for (index, session) in sessions.enumerated() {
            #expect(registry.connection(of: RelayAddress(twin: 7, session: session)) == index)
        }
    }

    @Test("a twin has a limited number of sessions; replacing one is not one more, and other twins do not count")
    func limit() {
        var registry = SessionRegistry<Int>(sessionsPerTwin: 1)
        guard case .admitted(let ticket, _) = registry.connect(peer, 1) else {
            Issue.record("not admitted")
            return
        }
        guard case .tooMany = registry.connect(RelayAddress(twin: 7), 2),
            case .admitted = registry.connect(RelayAddress(twin: 8), 3),
            case .admitted(let again, 1) = registry.connect(peer, 4)
        else {
            Issue.record("other outcome")
            return
        }
        registry.disconnect(peer, ticket)
        registry.disconnect(peer, again)
        guard case .admitted = registry.connect(RelayAddress(twin: 7), 5) else {
            Issue.record("the place did not become free")
            return
        }
    }
}
