import WorkerSandbox

extension CallRule {
    /// The rule for people: what has to hold, by argument, and what happens.
    var reading: String {
        let tests = condition
        switch outcome {
        case .allow: return tests.isEmpty ? "allowed" : "allowed if \(tests)"
        case .refuse(0): return (tests.isEmpty ? "" : "if \(tests): ") + "success is pretended"
        case .refuse(let error): return (tests.isEmpty ? "" : "if \(tests): ") + "refused with errno \(error)"
        }
    }

    /// The rules of a list, call by call in order, for people.
    static func readings(of rules: [CallRule]) -> [(name: String, lines: [String])] {
        var names: [String] = []
        var byName: [String: [CallRule]] = [:]
        for rule in rules {
            if byName[rule.name] == nil { names.append(rule.name) }
            byName[rule.name, default: []].append(rule)
        }
        return names.map { name in
            // "Not equal" takes seven rules.
            if name == "rt_sigaction" { return (name, ["allowed for every signal but SIGSYS"]) }
            let all = byName[name] ?? []
            let tested = all.filter { $0.outcome == .allow && !$0.conditions.isEmpty }
            let others = all.filter { $0.outcome != .allow || $0.conditions.isEmpty }.map(\.reading)
            guard tested.count > 1 else { return (name, all.map(\.reading)) }
            return (name, ["allowed if " + tested.map(\.condition).joined(separator: ", or ")] + others)
        }
    }

    private var condition: String { conditions.map { Self.reading(name, $0) }.joined(separator: " and ") }

    private static func reading(_ name: String, _ condition: Condition) -> String {
        let key = Meaning(call: name, argument: condition.argument, mask: condition.mask, value: condition.value)
        if let text = meanings[key] { return text }
        let argument = "argument \(condition.argument)"
        let value = "0x" + String(condition.value, radix: 16)
        switch condition.mask {
        case .max: return "\(argument) = \(value)"
        case 0xffff_ffff: return "\(argument) = \(value) (32 bits)"
        default: return "\(argument) & 0x\(String(condition.mask, radix: 16)) = \(value)"
        }
    }

    private struct Meaning: Hashable {
        let call: String
        let argument: UInt32
        let mask: UInt64
        let value: UInt64
    }

    private static let meanings: [Meaning: String] = {
        var meanings: [Meaning: String] = [
            Meaning(call: "clone", argument: 0, mask: 0x7e03_0000, value: 0x1_0000):
                "it makes a thread of this process, in no new namespace",
            Meaning(call: "mmap", argument: 2, mask: 4, value: 0): "the mapping is not executable",
            Meaning(call: "mprotect", argument: 2, mask: 4, value: 0): "the mapping is not executable",
            Meaning(call: "prlimit64", argument: 2, mask: .max, value: 0): "no limit is set",
            Meaning(call: "tgkill", argument: 0, mask: 0xffff_ffff, value: 1): "the signal is for this process",
            Meaning(call: "socket", argument: 0, mask: 0xffff_ffff, value: 1): "its family is AF_UNIX",
        ]
        for (call, argument, numbers) in numbered {
            for (number, text) in numbers {
                meanings[Meaning(call: call, argument: argument, mask: 0xffff_ffff, value: number)] = text
            }
        }
        return meanings
    }()

    private static let numbered: [(String, UInt32, [UInt64: String])] = [
        ("prctl", 0, [15: "PR_SET_NAME", 0x5356_4d41: "PR_SET_VMA"]),
        (
            "ioctl", 1,
            [
                0x541b: "FIONREAD", 0x5421: "FIONBIO", 0x5401: "TCGETS", 0x8008_6601: "FS_IOC_GETFLAGS",
                0x4008_6602: "FS_IOC_SETFLAGS", 0x5000_9418: "BTRFS_IOC_SUBVOL_CREATE_V2",
                0xd000_9412: "BTRFS_IOC_INO_LOOKUP", 0x9408: "BTRFS_IOC_SYNC",
            ]
        ),
        (
            "fcntl", 1,
            [
                0: "F_DUPFD", 1: "F_GETFD", 2: "F_SETFD", 3: "F_GETFL", 4: "F_SETFL", 5: "F_GETLK", 6: "F_SETLK",
                7: "F_SETLKW", 36: "F_OFD_GETLK", 37: "F_OFD_SETLK", 38: "F_OFD_SETLKW", 1030: "F_DUPFD_CLOEXEC",
            ]
        ),
        ("setsockopt", 1, [270: "level SOL_NETLINK", 1: "level SOL_SOCKET"]),
        (
            "setsockopt", 2,
            [
                1: "option NETLINK_ADD_MEMBERSHIP", 10: "option NETLINK_CAP_ACK", 11: "option NETLINK_EXT_ACK",
                12: "option NETLINK_GET_STRICT_CHK", 20: "option SO_RCVTIMEO", 21: "option SO_SNDTIMEO",
                8: "option SO_RCVBUF", 7: "option SO_SNDBUF",
            ]
        ),
    ]
}
