import Testing

@testable import Relay

@Suite("RateWindows")
struct RateWindowsTests {
    @Test("windows are minutes of the clock: a burst at a boundary counts twice")
    func windows() {
        var windows = RateWindows<UInt32>(limit: RateLimit(count: 2, bytes: 1000))
        func admit(_ sender: UInt32, size: Int, at now: UInt64) -> Bool { windows.admit(sender, size: size, at: now) }
        #expect(admit(7, size: 1, at: 119))
        #expect(admit(7, size: 1, at: 119))
        #expect(!admit(7, size: 1, at: 119))
        #expect(admit(8, size: 1, at: 119), "each sender has its own")
        #expect(admit(7, size: 1, at: 120))
        #expect(admit(7, size: 1, at: 179))
        #expect(!admit(7, size: 1, at: 179))
    }

    @Test("an envelope larger than the limit is refused without being counted; others count although refused")
    func counting() {
        var windows = RateWindows<UInt32>(limit: RateLimit(count: 10, bytes: 100))
        func admit(_ sender: UInt32, size: Int, at now: UInt64) -> Bool { windows.admit(sender, size: size, at: now) }
        #expect(!admit(7, size: 101, at: 0))
        #expect(admit(7, size: 60, at: 0))
        #expect(!admit(7, size: 60, at: 0))
        #expect(!admit(7, size: 1, at: 0), "the refused one was counted")
        #expect(admit(7, size: 100, at: 60))
    }

    @Test("without a limit everything passes")
    func none() {
        var windows = RateWindows<UInt32>(limit: nil)
        func admit(_ sender: UInt32, size: Int, at now: UInt64) -> Bool { windows.admit(sender, size: size, at: now) }
        for _ in 0..<1000 { #expect(admit(7, size: .max, at: 0)) }
    }
}
