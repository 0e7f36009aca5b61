import Naming
import Testing

@Suite("Names and ids of workloads")
struct WorkloadNameTests {
    @Test("each fault of a name has the grid's text")
    func texts() {
        func message(_ text: String) -> String? {
            do throws(NamingError) {
                _ = try WorkloadName(validating: text)
                return nil
            } catch {
                return error.message
            }
        }
        #expect(message("") == "name cannot be empty")
        #expect(message(String(repeating: "x", count: 37)) == "name cannot exceed 36 characters")
        #expect(message("a-b") == "unsupported character in workload name")
        #expect(message("a\n") == "unsupported character in workload name")
        #expect(message("ygg") == "invalid name 'ygg' is reserved")
        #expect(message("YGG") == nil)
        #expect(message(String(repeating: "x", count: 36)) == nil)
    }

    @Test("an id is read back only in the form in which it is composed")
    func strictID() throws {
        let id = try WorkloadID(parsing: "4294967295-18446744073709551615-a_b9")
        #expect(id == WorkloadID(twin: .max, contract: .max, name: "a_b9"))
        #expect(id.path == "4294967295/18446744073709551615/a_b9")
        for text in [
            "", "1-2", "1-2-", "-1-2-a", "+1-2-a", "01-2-a", "1-002-x", "4294967296-1-a", "1-2-a-b", "1-2-a b",
            " 1-2-a", "a-1-b", "1-2-ygg", "1--a", "1-2-é",
        ] {
            #expect(throws: NamingError.self) { try WorkloadID(parsing: text) }
        }
    }
}
