import Foundation
import Testing

@testable import Hosting

@Suite("ELF objects")
struct ElfObjectTests {
    private func refusal(_ bytes: [UInt8]) -> String? {
        do throws(HostingError) {
            try ElfObject(bytes).check()
            return nil
        } catch { return error.message }
    }

    @Test("an object that needs only the C library and the Swift runtime passes")
    func passes() throws {
        let sample = ElfSample(entries: [(1, "libc.so.6"), (1, "libswiftCore.so"), (14, "libplugin.so")])
        #expect(refusal(sample.bytes) == nil)
        #expect(try ElfObject(sample.bytes).needed == ["libc.so.6", "libswiftCore.so"])
    }

    @Test("other libraries, run paths and loader hooks are refused")
    func refused() {
        #expect(refusal(ElfSample(entries: [(1, "libevil.so")]).bytes)?.contains("libevil.so") == true)
        #expect(refusal(ElfSample(entries: [(1, "/tmp/libc.so.6")]).bytes) != nil)
        #expect(refusal(ElfSample(entries: [(29, "$ORIGIN")]).bytes)?.contains("RUNPATH") == true)
        #expect(refusal(ElfSample(entries: [(15, "/tmp")]).bytes)?.contains("RPATH") == true)
        #expect(refusal(ElfSample(entries: [(0x6fff_fefc, "audit.so")]).bytes) != nil)
        #expect(refusal(ElfSample(machine: 8).bytes)?.contains("another machine") == true)
        #expect(refusal(ElfSample(type: 2).bytes) != nil)
        #expect(refusal(ElfSample(extra: [(1, 99_999)]).bytes) != nil)
        #expect(refusal(ElfSample(extra: [(5, 0)]).bytes) != nil)
        #expect(refusal([]) != nil)
        #expect(refusal(Array("#!/bin/sh\n".utf8)) != nil)
    }

    @Test("removing the run path leaves everything else as it was")
    func removal() throws {
        let bytes = ElfSample(entries: [(29, "$ORIGIN"), (1, "libc.so.6"), (15, "/x"), (1, "libm.so.6")]).bytes
        let cleaned = try ElfObject.removingRunpath(bytes)
        #expect(refusal(cleaned) == nil)
        #expect(try ElfObject(cleaned).needed == ["libc.so.6", "libm.so.6"])
        #expect(cleaned.count == bytes.count)
        #expect(try ElfObject.removingRunpath(cleaned) == cleaned)
    }

    @Test("a real library of this machine is understood")
    func real() throws {
        let file = try #require(FileHandle(forReadingAtPath: "/proc/self/maps"))
        let maps = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
        let path = try #require(
            maps.split(separator: "\n").compactMap { $0.split(separator: " ").last }.first {
                $0.contains("libsodium.so")
            })
        let bytes = Array(try Data(contentsOf: URL(filePath: String(path))))
        #expect(try ElfObject(bytes).needed.contains("libc.so.6"))
    }

    @Test("damaged objects never crash the examination")
    func damaged() throws {
        let bytes = ElfSample(entries: [(1, "libc.so.6"), (29, "$ORIGIN")]).bytes
        for count in 0..<bytes.count { _ = refusal(Array(bytes[..<count])) }
        for index in bytes.indices {
            for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
                var copy = bytes
                copy[index] = value
                _ = refusal(copy)
                _ = try? ElfObject.removingRunpath(copy)  // Either outcome will do.
            }
        }
    }
}
