import Contracts
import Glibc
import Hosting
import JSON
import RMB

/// `healthcheck`: whether the node's disk can be written and has room (`cache`), and whether the node has an address, its
/// ledger answers, and the peers that the operator named can be reached (`network`).
struct HealthCheck: PerformanceTask {
    let name = "healthcheck"
    let description = "Checks that the node can do its work"
    let schedule = PerformanceSchedule(period: 15 * 60, isImmediate: true)

    /// Bytes that must be free for the node to store what it accepts.
    private static let room: UInt64 = 64 << 20

    let folder: String
    let ledger: any Ledger
    /// Where connections are tried; nobody unless the operator says so.
    let peers: [PeerAddress]

    func run() async throws -> JSONValue {
        let folder = folder
        let cache = try await OwnThread.run { Self.disk(folder) }
        var network = HostInterfaces.addresses().isEmpty ? ["the node has no address"] : []
        do throws(LedgerUnavailable) {
            _ = try await ledger.head(.best)
        } catch {
            network.append("the ledger does not answer: \(error.message)")
        }
        network += await unreachable()
        return ["cache": .array(cache.map { .string($0) }), "network": .array(network.map { .string($0) })]
    }

    /// Whether a result says that all is well.
    static func isHealthy(_ result: JSONValue?) -> Bool {
        guard let members = result?["result"]?.objectValue?.members, !members.isEmpty else { return false }
        return members.allSatisfy { $0.value.arrayValue?.isEmpty ?? false }
    }

    /// Writes a file, syncs it, reads it back and looks at what is left.
    private static func disk(_ folder: String) -> [String] {
        var errors: [String] = []
        let storage = MachineFigures.storage(at: folder)
        if storage.size - min(storage.size, storage.used) < room {
            errors.append("less than \(room >> 20) MiB are free below \(folder)")
        }
        let path = folder + "/health.probe"
        do {
            try SecretFile.write("well", to: path)
            if try SecretFile.read(path) != "well" { errors.append("\(path) does not hold what was written") }
        } catch {
            errors.append(error.message)
        }
        unlink(path)
        return errors
    }

    private func unreachable() async -> [String] {
        await withTaskGroup(of: String?.self) { group in
            for peer in peers {
                group.addTask {
                    do {
                        try await OwnThread.run { try Connecting.attempt(peer, seconds: 5) }
                        return nil
                    } catch {
                        return "\(peer) cannot be reached: \(error)"
                    }
                }
            }
            var errors: [String] = []
            for await error in group { if let error { errors.append(error) } }
            return errors.sorted()
        }
    }
}

/// Tries a TCP connection and ends it at once.
enum Connecting {
    struct Failure: Error, CustomStringConvertible { let description: String }

    /// Blocks for at most `seconds` per address of the host.
    static func attempt(_ peer: PeerAddress, seconds: Int) throws {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let answer = getaddrinfo(peer.host, String(peer.port), &hints, &list)
        guard answer == 0 else { throw Failure(description: String(cString: gai_strerror(answer))) }
        defer { freeaddrinfo(list) }
        var last = "it has no address"
        var entry = list
        // SAFETY: getaddrinfo made a list that ends with nil and stays valid until freeaddrinfo.
        while let current = entry?.pointee {
            entry = current.ai_next
            let descriptor = socket(current.ai_family, current.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            // The limit for connect(2) as well (socket(7)).
            var patience = timeval(tv_sec: seconds, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            if connect(descriptor, current.ai_addr, current.ai_addrlen) == 0 { return }
            last = String(cString: strerror(errno))
        }
        throw Failure(description: last)
    }
}
