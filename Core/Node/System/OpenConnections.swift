/// TCP connections of the node's own network namespace to other machines, established ones (proc(5)).
enum OpenConnections {
    /// Bytes of a table that are looked at: some 40,000 connections.
    private static let limit = 8 << 20

    static func count(_ files: HostFiles) -> Int {
        ["/proc/net/tcp", "/proc/net/tcp6"].reduce(0) { sum, path in
            let lines = (files.bytes(path, limit: limit) ?? []).split(separator: UInt8(ascii: "\n")).dropFirst()
            return sum + lines.count { isRemote($0) }
        }
    }

    /// Fields: number, local and remote `ADDRESS:PORT` in hex as the kernel holds them, state 01 for established.
    private static func isRemote(_ line: ArraySlice<UInt8>) -> Bool {
        let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 4)
        guard fields.count > 3, fields[3].elementsEqual("01".utf8) else { return false }
        return !isLoopback(fields[2])
    }

    /// 127/8, alone or as an IPv6 address, and ::1.
    private static func isLoopback(_ endpoint: ArraySlice<UInt8>) -> Bool {
        switch endpoint.count {
        case 13: endpoint.dropFirst(6).starts(with: "7F".utf8)
        case 37:
            endpoint.starts(with: "00000000000000000000000001000000".utf8)
                || endpoint.starts(with: "0000000000000000FFFF0000".utf8)
                    && endpoint.dropFirst(30).starts(with: "7F".utf8)
        default: false
        }
    }
}
