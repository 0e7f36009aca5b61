import CHost
import Foundation
import Glibc
import ImageFixtures
import Logging
import Synchronization
import Unpacking

@testable import Hosting

/// A cache of roots in a folder of its own, and a server that roots come from. Needs root.
final class RootBench: Sendable {
    let folder = FixtureFolder()
    let server = FixtureServer()
    /// Words for the user.
    let words = Mutex<[String]>([])
    let used = Mutex<Set<String>>([])
    static let firstOwner: UInt32 = 4_000_000

    init() { _ = folder.make("listed") }

    deinit { server.stop() }

    var listed: String { folder.path + "/listed" }

    var configuration: ImageConfiguration {
        var configuration = ImageConfiguration(
            program: Self.program, folder: folder.path + "/images", firstOwner: Self.firstOwner, fetcher: 4_100_000)
        configuration.allowsPrivateAddresses = true
        return configuration
    }

    /// Built beside the test program.
    static var program: String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent().path + "/zos-unpack"
    }

    func library(_ change: (inout ImageConfiguration) -> Void = { _ in }) throws -> RootLibrary {
        var configuration = configuration
        change(&configuration)
        return try RootLibrary(configuration, folders: [listed], log: Logger(label: "test")) { [self] in
            used.withLock { $0 }
        }
    }

    /// Puts a flat list and its blocks on the server.
    func serve(_ entries: [FixtureEntry], at path: String) -> [UInt8] {
        var packer = FlatListPacker()
        let list = packer.pack(entries, store: server.url("/blocks"))
        server.set(path, .content(list))
        server.set(blocks: packer.blocks)
        return list
    }

    @discardableResult
    func get(_ library: RootLibrary, _ url: String, form: ImageForm? = nil) async throws -> RootLibrary.Found {
        let reference: ImageReference
        do throws(ImageError) { reference = try ImageReference(url) } catch { throw HostingError(error) }
        return try await library.root(reference, form: form) { text in self.words.withLock { $0.append(text) } }
    }

    /// Names below a folder of the cache.
    func names(_ inner: String) -> [String] { SmallFile.names("\(folder.path)/images/\(inner)") }

    /// Runs of zos-unpack that this process has started.
    static func processes() -> [pid_t] {
        SmallFile.names("/proc").compactMap { pid_t($0) }.filter { pid in
            guard let text = (try? SmallFile.read("/proc/\(pid)/stat")) ?? nil else { return false }
            let line = String(decoding: text, as: UTF8.self)
            guard line.contains("(zos-unpack)"), let end = line.lastIndex(of: ")") else { return false }
            let fields = line[line.index(after: end)...].split(separator: " ")
            return fields.count > 1 && fields[1] == "\(getpid())" && fields[0] != "Z"
        }
    }

    /// Waits until it holds; half a minute at most.
    static func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if try await condition() { return true }
            try await Task.sleep(for: .milliseconds(5))
        }
        return false
    }
}
