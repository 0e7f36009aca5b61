import Hosting
import Signatures
import Testing

@Suite("Trust policy")
struct TrustPolicyTests {
    private func policy(_ fixture: PackageFixture, types: String = "[\"*\"]", more: String = "") throws -> TrustPolicy {
        let key = fixture.key.publicKey.base64
        return try TrustPolicy(
            parsing: Array(
                #"{"trust":1,"publishers":[{"key":"\#(key)","name":"x","types":\#(types)}]\#(more)}"#.utf8))
    }

    @Test("publishers are trusted with the types that their patterns name")
    func patterns() throws {
        let fixture = try PackageFixture()
        try fixture.pack()
        for types in [#"["hello"]"#, #"["x","he*"]"#, #"["*lo"]"#, #"["h*l*o"]"#, #"["**"]"#] {
            #expect(throws: Never.self) { try fixture.verify(trust: try policy(fixture, types: types)) }
        }
        for types in ["[]", #"["hell"]"#, #"["hello-*"]"#, #"["*x"]"#, #"["h*x*o"]"#, #"["hello*o"]"#] {
            let error = #expect(throws: HostingError.self) {
                try fixture.verify(trust: try policy(fixture, types: types))
            }
            #expect(error?.code == .untrusted)
        }
    }

    @Test("pins and minimum versions hold")
    func pins() throws {
        let fixture = try PackageFixture()
        try fixture.pack()
        let digest = try fixture.verify().digestText
        let id = "org.example.hello"
        for more in [
            #","pins":{"\#(id)":{"digest":"\#(digest)"}}"#, #","pins":{"\#(id)":{"versions":">=1.0.0 <2.0.0"}}"#,
            #","minimum_versions":{"\#(id)":"1.2.3"}"#,
        ] {
            #expect(throws: Never.self) { try fixture.verify(trust: try policy(fixture, more: more)) }
        }
        let other = String(repeating: "0", count: 64)
        for (more, code) in [
            (#","pins":{"\#(id)":{"digest":"\#(other)"}}"#, HostingError.Code.untrusted),
            (#","pins":{"\#(id)":{"versions":"<1.2.3"}}"#, .untrusted),
            (#","minimum_versions":{"\#(id)":"1.2.4"}"#, .downgrade),
        ] {
            let error = #expect(throws: HostingError.self) {
                try fixture.verify(trust: try policy(fixture, more: more))
            }
            #expect(error?.code == code)
        }
    }

    @Test(
        "a policy that cannot be read trusts nobody",
        arguments: [
            "", "{}", #"{"trust":2}"#, #"{"trust":1,"publisher":[]}"#,
            #"{"trust":1,"publishers":[{"key":"x","name":"x"}]}"#,
            #"{"trust":1,"pins":{"org.x":{}}}"#, #"{"trust":1,"pins":{"org.x":{"digest":"00"}}}"#,
            #"{"trust":1,"minimum_versions":{"org.x":"1"}}"#, #"{"trust":1,"trust":1}"#,
        ])
    func unreadable(_ text: String) {
        let error = #expect(throws: HostingError.self) { try TrustPolicy(parsing: Array(text.utf8)) }
        #expect(error?.code == .untrusted)
    }

    @Test("a policy that is not there trusts nobody")
    func absent() throws {
        let fixture = try PackageFixture()
        let error = #expect(throws: HostingError.self) { try TrustPolicy.load(fixture.path("trust.json")) }
        #expect(error?.code == .untrusted)
    }
}
