import CHost
import Foundation
import Netlink
import Testing

/// A network namespace that lives as long as the object.
final class TestNamespace {
    let descriptor: Int32
    private var sockets: [Int32] = []

    init() throws {
        descriptor = zos_netns_new(-1)
        try #require(descriptor >= 0, "a network namespace needs root")
    }

    deinit {
        for socket in sockets { close(socket) }
        close(descriptor)
    }

    func socket(_ kind: NetlinkProtocol) throws -> NetlinkSocket {
        let socket = zos_socket_in(descriptor, 16, Int32(SOCK_RAW.rawValue), kind.rawValue)
        try #require(socket >= 0)
        sockets.append(socket)
        return NetlinkSocket(descriptor: socket)
    }

    func route() throws -> RouteNetlink { RouteNetlink(try socket(.route)) }
    func filter() throws -> FilterNetlink { FilterNetlink(try socket(.netfilter)) }

    /// Runs a program inside and returns what it printed as JSON.
    func json(_ arguments: String...) throws -> [[String: Any]] {
        let output = try run(arguments)
        return try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]])
    }

    @discardableResult
    func run(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/nsenter")
        process.arguments = ["--net=/proc/\(getpid())/fd/\(descriptor)"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: bytes, as: UTF8.self)
        try #require(process.terminationStatus == 0, "\(arguments): \(text)")
        return text
    }
}
