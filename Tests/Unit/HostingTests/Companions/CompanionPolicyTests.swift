import JSON
import Testing

@testable import Hosting

@Suite("Companion policy")
struct CompanionPolicyTests {
    private func companion(_ change: JSONObject = [:]) throws -> CompanionSpecification {
        var manifest: JSONObject = ["id": "daemon", "program": "/opt/acme/daemon"]
        for member in change.members { manifest[member.key] = member.value }
        return try CompanionSpecification(parsing: .object(manifest))
    }

    private func allows(_ policy: CompanionPolicy, _ change: JSONObject, publisher: String = "acme") throws -> Bool {
        let companion = try companion(change)
        do { try policy.check(companion, of: "org.acme.x", publisher: publisher) } catch {
            #expect(error.code == .untrusted)
            return false
        }
        return true
    }

    @Test("what is not allowed in full is refused: program, user, each capability, network, each mount")
    func boundsEveryPart() throws {
        let policy = try CompanionPolicy(parsing: [
            "org.acme.*/daemon": [
                "programs": ["/opt/acme/*"], "capabilities": ["NET_ADMIN"], "networks": ["empty", "slot"],
                "mounts": ["/mnt/*"],
            ]
        ])
        #expect(try allows(policy, [:]))
        #expect(try allows(policy, ["capabilities": ["NET_ADMIN"], "network": ["slot": "n"]]))
        #expect(try allows(policy, ["mounts": [["at": "/mnt/a", "folder": true]]]))
        for excess: JSONObject in [
            ["program": "/usr/bin/daemon"], ["user": "root"], ["capabilities": ["SYS_ADMIN"]], ["network": "node"],
            ["capabilities": ["NET_ADMIN", "SYS_PTRACE"]], ["mounts": [["at": "/var/x", "folder": true]]],
            ["id": "other"],
        ] { #expect(try !allows(policy, excess), "\(excess)") }
    }

    @Test("two entries do not add up: one has to cover all of a companion")
    func entriesStayApart() throws {
        let policy = try CompanionPolicy(parsing: [
            "*/daemon": ["programs": ["/opt/acme/daemon"], "users": ["own", "root"]],
            "org.acme.x/*": ["programs": ["/opt/acme/daemon"], "capabilities": ["SYS_ADMIN"]],
        ])
        #expect(try allows(policy, ["user": "root"]))
        #expect(try allows(policy, ["capabilities": ["SYS_ADMIN"]]))
        #expect(try !allows(policy, ["user": "root", "capabilities": ["SYS_ADMIN"]]))
    }

    @Test("an entry for a publisher is for plugins that it signed")
    func publishers() throws {
        let policy = try CompanionPolicy(parsing: [
            "*/*": ["programs": ["/*"], "users": ["root"], "publisher": "acme"]
        ])
        #expect(try allows(policy, ["user": "root"]))
        #expect(try !allows(policy, ["user": "root"], publisher: "other"))
    }

    @Test("the refusal names what is too much and the line that allows exactly that")
    func tellsTheLine() throws {
        let greedy = try companion([
            "user": "root", "capabilities": ["NET_ADMIN", "CHOWN"], "network": "node",
            "mounts": [["at": "/mnt/a", "folder": true]],
        ])
        let error = #expect(throws: HostingError.self) {
            try CompanionPolicy.nothing.check(greedy, of: "org.acme.x", publisher: "acme")
        }
        let line = #"""
            "org.acme.x/daemon" = { programs = ["/opt/acme/daemon"], users = ["root"], capabilities = ["CHOWN", "NET_ADMIN"], networks = ["node"], mounts = ["/mnt/a"] }
            """#
        #expect(error?.hint?.hasSuffix(line) == true, "\(error?.description ?? "")")
        let near = try CompanionPolicy(parsing: ["*/*": ["programs": ["/*"], "users": ["root"], "mounts": ["/mnt/a"]]])
        let other = #expect(throws: HostingError.self) { try near.check(greedy, of: "org.acme.x", publisher: "acme") }
        #expect(
            other?.message.contains("asks for capability CHOWN and capability NET_ADMIN and network node,") == true,
            "\(other?.message ?? "")")
    }

    @Test("an entry with an unknown member, user, network, capability or a relative path is refused and named")
    func refusesEntries() {
        for wrong: JSONValue in [
            ["a": ["programs": ["/x"]]], ["a/b/c": [:]], ["a/b": ["program": "/x"]], ["a/b": ["users": ["nobody"]]],
            ["a/b": ["networks": ["host"]]], ["a/b": ["capabilities": ["ALL"]]], ["a/b": ["programs": ["bin/x"]]],
            ["a/b": ["mounts": "x"]], ["a/b": 1], [],
        ] {
            let error = #expect(throws: HostingError.self, "\(wrong.text)") { try CompanionPolicy(parsing: wrong) }
            #expect(error?.code == .invalid)
        }
    }
}
