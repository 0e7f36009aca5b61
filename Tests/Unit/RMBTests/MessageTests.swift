import Signatures
import Testing

@testable import RMB

@Suite("RMB message")
struct MessageTests {
    private func parse(_ text: String) throws -> RMBMessage { try RMBMessage(parsing: Array(text.utf8)) }

    @Test("names match in any case, the last of repeated ones counts, null and absence are zero")
    func readingRules() throws {
        let message = try parse(#"{"VER":1,"Cmd":"a","cmd":"b","ſrc":7,"uid":null,"dst":null,"x":{"y":[1]}} trailing"#)
        #expect(message.version == 1)
        #expect(message.command == "b")
        #expect(message.source == 7)
        #expect(message.uid.isEmpty && message.destinations == nil && message.returnQueue.isEmpty)
        #expect(try parse("null").version == 0)
    }

    @Test(
        "wrong types and broken JSON are refused with the bus's text",
        arguments: [
            "", "{", "[]", "1", #"{"ver":"1"}"#, #"{"ver":1.0}"#, #"{"ver":1e0}"#, #"{"now":9223372036854775808}"#,
            #"{"dst":1}"#, #"{"dst":["1"]}"#, #"{"pxy":1}"#, #"{"uid":1}"#, #"{"uid":"a}"#,
            String(repeating: "[", count: 1 << 19), #"{"x":"# + String(repeating: "[", count: 4096) + "}",
        ])
    func malformed(text: String) {
        let error = #expect(throws: RMBError.self) { try parse(text) }
        #expect(error?.message == "couldn't parse json")
    }

    @Test("a message is written as it was read")
    func roundTrip() throws {
        let text =
            #"{"ver":1,"uid":"1.2","cmd":"a.b","exp":5,"try":1,"dat":"\u003cé\n","src":-5,"dst":[1,2],"ret":"r","#
            + #""shm":"","now":9,"pxy":true,"err":"\"","sig":"65"}"#
        #expect(String(decoding: try parse(text).encoded, as: UTF8.self) == text)
    }

    @Test("random changes of a message never crash the reader")
    func noise() {
        let text = RMBMessage().encoded
        for _ in 0..<2000 {
            var changed = text
            for byte in Sodium.random(3) { changed[Int(byte) % changed.count] = Sodium.random(1)[0] }
            // Either outcome will do.
            _ = try? RMBMessage(parsing: changed)
        }
    }

    @Test("the age is counted to the fraction of a second, either way")
    func freshness() {
        func isFresh(_ now: Int64, nanoseconds: Int64 = 0) -> Bool {
            (try? Freshness.check(now: now, clock: UnixTime(seconds: 1000, nanoseconds: nanoseconds))) != nil
        }
        #expect(isFresh(940) && !isFresh(940, nanoseconds: 400_000_000) && !isFresh(939))
        #expect(isFresh(1060) && isFresh(1060, nanoseconds: 1) && !isFresh(1061, nanoseconds: 999_999_999))
        #expect(!isFresh(.min) && !isFresh(.max))
    }

    @Test("ages are printed as peers print them")
    func durations() {
        #expect(GoDuration.text(seconds: 62, nanoseconds: 44_830_405) == "1m2.044830405s")
        #expect(GoDuration.text(seconds: 3600, nanoseconds: 500_000_000) == "1h0m0.5s")
        #expect(GoDuration.text(seconds: 61, nanoseconds: 0) == "1m1s")
        #expect(GoDuration.text(seconds: .max, nanoseconds: 0) == "2562047h47m16.854775807s")
    }
}
