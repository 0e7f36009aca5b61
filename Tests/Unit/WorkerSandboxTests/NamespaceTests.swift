import CHost
import Glibc
import Testing

@Suite("namespaces of the C shims", .serialized)
struct NamespaceTests {
    @Test("a pinned network namespace is apart, holds sockets and goes without a trace")
    func pinned() throws {
        let path = "/run/zos-test-\(getpid())-netns"
        try #require(zos_netns_create(path) == 0)
        defer { _ = zos_netns_delete(path) }
        let namespace = zos_namespace_open(path)
        let own = zos_namespace_open("/proc/self/ns/net")
        defer {
            close(namespace)
            close(own)
        }
        #expect(zos_inode(namespace) != 0 && zos_inode(namespace) != zos_inode(own))
        let socket = zos_socket_in(namespace, AF_NETLINK, Int32(SOCK_RAW.rawValue), 0)
        #expect(socket >= 0)
        close(socket)
        let inside = zos_in_namespace(
            namespace, { _ in zos_namespace_open("/proc/thread-self/ns/net") }, nil)
        #expect(zos_inode(inside) == zos_inode(namespace))
        close(inside)
        #expect(zos_netns_delete(path) == 0 && access(path, F_OK) != 0)
        #expect(zos_netns_delete(path) == 0, "already gone is success")
    }

    @Test("a network namespace of a user namespace belongs to that one, and this process stays dumpable")
    func owned() throws {
        let user = zos_userns_new(1_879_048_192, 65536)
        try #require(user >= 0)
        let namespace = zos_netns_new(user)
        #expect(namespace >= 0)
        let owner = ioctl(namespace, 0xb701)  // NS_GET_USERNS
        #expect(owner >= 0 && zos_inode(owner) == zos_inode(user))
        #expect(zos_prctl(3 /* PR_GET_DUMPABLE */, 0, 0, 0, 0) == 1)
        #expect(getuid() == 0)
        for descriptor in [user, namespace, owner] { close(descriptor) }
    }

    @Test("a launch that fails says at which step and leaves no child")
    func failedLaunch() throws {
        var launched = zos_launched()
        var launch = zos_launch()
        let result = "/nonexistent/program".withCString { path in
            launch.path = path
            launch.user_namespace = -1
            var end: [UnsafeMutablePointer<CChar>?] = [nil]
            return end.withUnsafeMutableBufferPointer { list in
                // SAFETY: both lists hold the terminating nil only and outlive the call.
                launch.arguments = UnsafePointer(list.baseAddress)
                launch.environment = UnsafePointer(list.baseAddress)
                return zos_launch_start(&launch, &launched)
            }
        }
        #expect(result == -ENOENT && launched.step == Int32(ZOS_LAUNCH_EXEC) && launched.error == ENOENT)
        #expect(launched.pidfd == -1)
    }
}
