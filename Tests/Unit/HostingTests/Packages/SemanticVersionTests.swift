import Hosting
import Testing

@Suite("Semantic versions")
struct SemanticVersionTests {
    @Test("precedence follows semver.org")
    func precedence() throws {
        let ordered = [
            "0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0", "18446744073709551615.0.0",
        ]
        let versions = try ordered.map { try SemanticVersion(parsing: $0) }
        for (left, right) in zip(versions, versions.dropFirst()) {
            #expect(left < right)
            #expect(!(right < left))
        }
        #expect(try SemanticVersion(parsing: "1.0.0+a") == SemanticVersion(parsing: "1.0.0+b"))
    }

    @Test(
        "what is no version is refused",
        arguments: [
            "", "1", "1.0", "1.0.0.0", "01.0.0", "1.00.0", "1.0.0-", "1.0.0-01", "1.0.0-a..b", "1.0.0+", "1.0.0+a+b",
            "v1.0.0", "1.0.0 ", "1.0.-1", "18446744073709551616.0.0", "1.0.0-é", "1.0.0-a_b", "1.0.0-[", "1.0.0-@",
        ])
    func refused(_ text: String) {
        #expect(throws: HostingError.self) { try SemanticVersion(parsing: text) }
    }

    @Test("ranges hold what their comparisons say")
    func ranges() throws {
        let range = try VersionRange(parsing: ">=1.2.0 <2.0.0")
        #expect(range.contains(try SemanticVersion(parsing: "1.2.0")))
        #expect(!range.contains(try SemanticVersion(parsing: "2.0.0")))
        #expect(try VersionRange(parsing: "1.0.0").contains(try SemanticVersion(parsing: "1.0.0")))
        #expect(throws: HostingError.self) { try VersionRange(parsing: "") }
        #expect(throws: HostingError.self) { try VersionRange(parsing: "~1.0") }
    }
}
