import Baseline
import Foundation

/// What a running machine was made from, to be booted again without the node.
struct BareMachine {
    private let folder: String
    private let words: [String]
    private let space = "zosbench\(getpid())"
    private static let files = "/usr/lib/qemu/virtiofsd"

    /// The words of a process's command line.
    static func words(of process: pid_t) -> [String] {
        let bytes = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// - Parameter process: QEMU, whose kernel and boot archive are descriptors.
    init(copying process: pid_t, root: String, to folder: String) throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Program.execute(["cp", "-a", root, folder + "/root"])
        var words = Self.words(of: process)
        for option in ["-kernel", "-initrd"] {
            guard let index = words.firstIndex(of: option), words.indices.contains(index + 1),
                let number = words[index + 1].split(separator: "/").last
            else { throw BenchError("QEMU runs without \(option)") }
            let copy = folder + "/" + option.dropFirst()
            try Program.execute(["cp", "/proc/\(process)/fd/\(number)", copy])
            words[index + 1] = copy
        }
        // The node starts machines stopped and lets them go over their control socket; nobody does that here.
        self.words = words.filter { $0 != "-S" }.map { word in
            if word.hasPrefix("tap,id=n0,") { return "tap,id=n0,ifname=tap0,script=no,downscript=no" }
            if word.hasPrefix("socket,id=console,") { return "file,id=console,path=\(folder)/console" }
            if word.hasPrefix("socket,id=control,") {
                return "socket,id=control,path=\(folder)/control,server=on,wait=off"
            }
            if word.hasPrefix("socket,id=root,") { return "socket,id=root,path=\(folder)/share" }
            return word
        }
    }

    /// Boots it in a network namespace of its own. Returns nanoseconds to the first answer.
    func boot() async throws -> UInt64 {
        for words in [
            "ip netns add \(space)", "ip -n \(space) tuntap add tap0 mode tap",
            "ip -n \(space) addr add 10.20.3.1/24 dev tap0", "ip -n \(space) link set tap0 up",
        ] { try Program.execute(words.split(separator: " ").map(String.init)) }
        defer { try? Program.execute(["ip", "netns", "del", space]) }  // What it held is ended below already.
        let started = bench_now()
        let files = try Program.spawn(
            [
                Self.files, "--socket-path=\(folder)/share", "-o",
                "source=\(folder)/root,cache=auto,xattr,sandbox=namespace", "-f",
            ], quietly: true)
        defer { Program.end(files) }
        while access(folder + "/share", F_OK) != 0 {
            guard bench_now() - started < 10_000_000_000 else { throw BenchError("virtiofsd did not start") }
            usleep(500)
        }
        let machine = try Program.spawn(["ip", "netns", "exec", space] + words, quietly: true)
        defer { Program.end(machine) }
        let answer = try Program.run(
            ["ip", "netns", "exec", space, Program.own, "--role", "probe", BootNode.address, "240"])
        guard let answered = UInt64(answer.filter(\.isNumber)) else { throw BenchError("no answer") }
        return answered - started
    }
}
