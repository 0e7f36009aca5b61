import Baseline
import Foundation

/// A network as a shell script would make it: one program per step.
struct ForkedNetwork {
    private let sample: NetworkSample
    private let folder: String
    private var space: String { "space\(sample.number)" }
    private var bridge: String { "bridge\(sample.number)" }
    private var leg: String { "leg\(sample.number)" }
    private var tunnel: String { "tunnel\(sample.number)" }

    /// Durations of everything, and of wireguard-go alone from its start to its socket.
    static func measure(_ folder: String, rounds: Int) throws -> (all: Samples, tunnel: Samples) {
        try Data((NetworkSample.key + "\n").utf8).write(to: URL(fileURLWithPath: folder + "/key"))
        try Data(rules.utf8).write(to: URL(fileURLWithPath: folder + "/rules.nft"))
        var all: [UInt64] = []
        var tunnels: [UInt64] = []
        for round in 0...rounds {
            let network = ForkedNetwork(sample: NetworkSample(number: UInt32(round + 101)), folder: folder)
            let started = bench_now()
            try network.makeLinks()
            let (process, tunnel) = try network.startTunnel()
            defer { network.remove(process) }
            try network.configureTunnel()
            // The first one also fills caches.
            guard round > 0 else { continue }
            all.append(bench_now() - started)
            tunnels.append(tunnel)
        }
        return (Samples(all), Samples(tunnels))
    }

    private func makeLinks() throws {
        let mac = "02:00:00:00:01:0" + String(sample.number % 10)
        try run("ip netns add \(space)")
        try run("ip -n \(space) link set lo up")
        try run("ip link add \(bridge) type bridge stp_state 0 forward_delay 0 mcast_snooping 0")
        try run("ip link set \(bridge) up")
        try run("ip netns exec \(space) sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1")
        try run("ip link add \(leg)x type veth peer name \(leg) address \(mac) netns \(space)")
        try run("ip link set \(leg)x master \(bridge) up")
        for address in ["10.20.3.1/24", "fd61:6263:6465:3::1/64", "fe80::1/64"] {
            try run("ip -n \(space) addr add \(address) dev \(leg)" + (address.contains("::") ? " nodad" : ""))
        }
        try run("ip -n \(space) link set \(leg) up")
        try run("ip netns exec \(space) nft -f \(folder)/rules.nft")
    }

    private func startTunnel() throws -> (process: pid_t, duration: UInt64) {
        let started = bench_now()
        let process = try Program.spawn(["wireguard-go", "-f", tunnel], quietly: true)
        let end = started + 10_000_000_000
        while access("/var/run/wireguard/\(tunnel).sock", F_OK) != 0 {
            guard bench_now() < end else {
                Program.end(process)
                throw BenchError("wireguard-go did not start")
            }
            usleep(500)
        }
        return (process, bench_now() - started)
    }

    private func configureTunnel() throws {
        try run(
            "wg set \(tunnel) private-key \(folder)/key listen-port \(sample.port) peer \(NetworkSample.peer) "
                + "persistent-keepalive 20 allowed-ips 10.20.9.0/24,100.64.20.9/32")
        try run("ip link set \(tunnel) netns \(space)")
        try run("ip -n \(space) addr add 100.64.20.3/16 dev \(tunnel)")
        try run("ip -n \(space) link set \(tunnel) mtu 1420 up")
        try run("ip -n \(space) route add 10.20.0.0/16 dev \(tunnel)")
        try run("wg show \(tunnel) dump")
        try run("ip -n \(space) -o addr show")
    }

    private func remove(_ process: pid_t) {
        Program.end(process)
        for words in ["ip netns del \(space)", "ip link del \(leg)x", "ip link del \(bridge)"] {
            try? run(words)  // Whatever is left ends with this process's namespaces.
        }
    }

    private func run(_ words: String) throws {
        try Program.execute(words.split(separator: " ").map(String.init), quietly: true)
    }

    private static let rules = """
        table inet zos {
          chain input { type filter hook input priority 0;
            iifname "public" ct state established,related accept
            iifname "public" ct state invalid counter drop
            iifname "public" meta l4proto ipv6-icmp accept
            iifname "public" counter drop
          }
          chain forward { type filter hook forward priority 0;
            iifname "public" ct state established,related accept
            iifname "public" ct state invalid counter drop
            iifname "public" counter drop
          }
          chain nat { type nat hook postrouting priority 100; oifname "public" masquerade; }
        }

        """
}
