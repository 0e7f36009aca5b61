/// UDP ports that are never given to a network (docs/spec/workloads.md section 7).
enum ReservedPorts {
    static let all: [UInt16] = [80, 443, 300, 8_082, 9_651, 9_943, 9_944, 9_945]
    /// The node's register that all ports are drawn from.
    static let space = "udp-port"
}
