import Foundation
import Hosting
import Testing

@Suite("UIDAllocator")
struct UIDAllocatorTests {
    private func withFile(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "/zos-uids-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder + "/uids.json")
    }

    @Test("an owner keeps its user over restarts; two owners never share one")
    func stable() throws {
        try withFile { path in
            let first = try UIDAllocator(path: path)
            let (a, b) = (try first.user(for: "a"), try first.user(for: "b"))
            #expect(a != b && a >= 100_000)
            let second = try UIDAllocator(path: path)
            #expect(try second.user(for: "a") == a && second.user(for: "b") == b)
        }
    }

    @Test("a released user is never given out again, not even after a restart")
    func neverTwice() throws {
        try withFile { path in
            var seen: Set<UInt32> = []
            for _ in 0..<5 {
                let allocator = try UIDAllocator(path: path)
                #expect(seen.insert(try allocator.user(for: "a")).inserted)
                try allocator.release("a")
            }
        }
    }

    @Test("a fresh user is nobody else's, now and after a restart, and takes no room in the record")
    func fresh() throws {
        try withFile { path in
            var seen: Set<UInt32> = []
            var size = 0
            for _ in 0..<3 {
                let allocator = try UIDAllocator(path: path)
                for _ in 0..<20 { #expect(seen.insert(try allocator.fresh()).inserted) }
                #expect(seen.insert(try allocator.user(for: "a")).inserted)
                try allocator.release("a")
                let bytes = try Data(contentsOf: URL(fileURLWithPath: path)).count
                #expect(size == 0 || bytes == size)
                size = bytes
            }
        }
    }

    @Test("when every number has been given out, that is said, and none is given twice")
    func exhausted() throws {
        try withFile { path in
            let text = #"{"version":1,"nextUser":536870911,"nextRange":2147418112,"users":{},"ranges":{}}"#
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            let allocator = try UIDAllocator(path: path)
            #expect(try allocator.fresh() == 536_870_911)
            for _ in 0..<2 {
                let error = #expect(throws: HostingError.self) { _ = try allocator.fresh() }
                #expect(error?.message.contains("given out") == true && error?.hint != nil)
                #expect(throws: HostingError.self) { _ = try allocator.user(for: "b") }
                #expect(throws: HostingError.self) { _ = try allocator.range(for: "b") }
            }
        }
    }

    @Test("ranges of user namespaces do not overlap with each other or with users")
    func ranges() throws {
        try withFile { path in
            let allocator = try UIDAllocator(path: path)
            let (a, b) = (try allocator.range(for: "a"), try allocator.range(for: "b"))
            #expect(b >= a + 65536)
            #expect(try allocator.range(for: "a") == a)
            #expect(try allocator.user(for: "a") < a)
        }
    }

    @Test("an unreadable record is refused, for starting over would use numbers twice")
    func damaged() throws {
        try withFile { path in
            try Data("{".utf8).write(to: URL(fileURLWithPath: path))
            #expect(throws: HostingError.self) { try UIDAllocator(path: path) }
        }
    }
}
