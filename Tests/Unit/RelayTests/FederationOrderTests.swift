import Testing

@testable import Relay

@Suite("Federation order")
struct FederationOrderTests {
    @Test("relays with the fewest failures in the last hour come first, and failures are forgotten after it")
    func order() {
        var history = FailureHistory()
        var random = SystemRandomNumberGenerator()
        for time in [UInt64(0), 10, 20] { history.failed("a", at: time) }
        history.failed("b", at: 3000)
        #expect(history.order(["a", "b", "c"], at: 3000, using: &random) == ["c", "b", "a"])
        #expect(history.count("a", at: 3605) == 2)
        #expect(history.order(["a", "b"], at: 3620, using: &random) == ["a", "b"])
    }

    @Test("equal relays come in every order")
    func shuffled() {
        let history = FailureHistory()
        var random = SystemRandomNumberGenerator()
        var seen: Set<[String]> = []
        for _ in 0..<1000 { seen.insert(history.order(["a", "b"], at: 0, using: &random)) }
        #expect(seen == [["a", "b"], ["b", "a"]])
    }

    @Test("pauses are 100 and 200 ms and up to half more, then three seconds, then again")
    func pauses() {
        var plan = RetryPlan()
        let pauses = [0, 1, 0.5, 0].map { plan.pause(spread: $0) }
        #expect(pauses == [.milliseconds(100), .milliseconds(300), .seconds(3), .milliseconds(100)])
    }

    @Test(
        "names of relays are split at the underscore, lower-cased, without repetition and without what is no name",
        arguments: [
            (nil, []), ("", []), ("relay.grid.tf", ["relay.grid.tf"]), ("B.x_a.x_b.x", ["b.x", "a.x"]),
            ("_a..b_.c_d._e f_g", ["g"]), ("a_b_c_d_e", ["a", "b", "c", "d"]), ("host:80_x", ["x"]),
        ] as [(String?, [String])])
    func names(text: String?, expected: [String]) {
        #expect(RelayNames.split(text) == expected)
    }

    @Test(
        "places of relays are read from http and https addresses alone",
        arguments: [
            ("http://10.0.0.1:8080", "10.0.0.1", 8080, false), ("https://relay.example/", "relay.example", 443, true),
            ("http://[::1]:81", "::1", 81, false), ("http://[fd00::2]", "fd00::2", 80, false),
        ])
    func places(url: String, host: String, port: Int, isSecure: Bool) throws {
        var remotes = RemoteRelays()
        try remotes.add("R.example", at: url)
        #expect(remotes.place(of: "r.example") == RemoteRelays.Place(isSecure: isSecure, host: host, port: port))
    }

    @Test(
        "what is no address of a relay is refused",
        arguments: ["", "ftp://x", "http://", "http://x:0", "http://x:70000", "http://x/path", "relay.example:80"])
    func badPlaces(url: String) {
        var remotes = RemoteRelays()
        #expect(throws: RelayError.self) { try remotes.add("r", at: url) }
    }

    @Test("a relay that is not configured is asked only if that is switched on")
    func unknownNames() {
        #expect(RemoteRelays().place(of: "internal.example") == nil)
        let open = RemoteRelays(asksUnknownNames: true)
        #expect(open.place(of: "a.example") == RemoteRelays.Place(isSecure: true, host: "a.example", port: 443))
        #expect(open.place(of: "a.example:22") == nil)
    }
}
