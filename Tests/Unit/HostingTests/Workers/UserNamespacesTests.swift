import CHost
import Foundation
import Hosting
import Testing

@Suite("UserNamespaces", .serialized)
struct UserNamespacesTests {
    @Test("a plugin gets the same namespace again after a restart of the core, until it is removed")
    func pinned() throws {
        let folder = "/run/zos-test-\(getpid())-users"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = UserNamespaces(folder: folder)
        defer { try? first.remove("a") }
        let made = try first.namespace(of: "a", base: 0x7100_0000)
        let again = try UserNamespaces(folder: folder).namespace(of: "a", base: 0x7100_0000)
        withExtendedLifetime((made, again)) {
            #expect(zos_inode(made.number) != 0 && zos_inode(made.number) == zos_inode(again.number))
        }
        try first.remove("a")
        try first.remove("a")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    @Test("a file without a mount, as after a crash between the two steps, is replaced")
    func halfMade() throws {
        let folder = "/run/zos-test-\(getpid())-half"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try #require(FileManager.default.createFile(atPath: folder + "/a", contents: nil))
        let namespaces = UserNamespaces(folder: folder)
        defer { try? namespaces.remove("a") }
        let made = try namespaces.namespace(of: "a", base: 0x7200_0000)
        withExtendedLifetime(made) { #expect(zos_inode(made.number) != 0) }
    }
}
