import PluginSDK

/// What the machine is told at boot: a list of calls of the functions in `guest/init`, every argument quoted for its
/// shell (docs/spec/workloads.md section 6.4).
struct GuestConfiguration: Sendable {
    private(set) var text = ""

    /// - Parameter isFirstStart: whether the root was made just now.
    init(
        _ plan: MachinePlan, data: ZMachine, startup: Startup?, nameservers: [String], isFirstStart: Bool
    ) throws {
        try add("hostname_is", plan.hostname)
        for interface in plan.interfaces {
            try add("interface", interface.mac.text, interface.name)
            for address in interface.addresses { try add("address", interface.name, address.text) }
            for route in interface.routes {
                try add("route", interface.name, route.destination?.text ?? "default", route.gateway.text)
            }
        }
        for server in nameservers { try add("nameserver", server) }
        try add("root", "vroot")
        if isFirstStart { try add("forget_keys") }
        for disk in plan.disks { try add("disk", disk.serial, disk.target) }
        for share in plan.shares { try add("share", share.tag, share.target) }
        try addVariables(data, startup)
        if let directory = startup?.directory { try add("directory", directory) }
        guard let words = Words.split(data.entrypoint) else {
            throw PluginError.invalid("the entrypoint has a quote that is not closed")
        }
        let program = words.isEmpty ? startup?.program ?? [] : words
        if !program.isEmpty { try add("program", program) }
    }

    /// The root's variables first: the deployment's win.
    private mutating func addVariables(_ data: ZMachine, _ startup: Startup?) throws {
        for (name, value) in zip(startup?.variables ?? [], startup?.values ?? []) where Self.isVariable(name) {
            try add("variable", name, value)
        }
        for (name, value) in data.variables {
            guard Self.isVariable(name) else {
                throw PluginError.invalid(
                    "env: '\(name)' is no name of a variable: letters, digits and _, no digit first")
            }
            try add("variable", name, value)
            guard same(name, "SSH_KEY") else { continue }
            for line in value.utf8.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: ",") }) {
                try add("key", String(decoding: line, as: UTF8.self))
            }
        }
    }

    private mutating func add(_ function: String, _ arguments: String...) throws { try add(function, arguments) }

    private mutating func add(_ function: String, _ arguments: [String]) throws {
        text += function
        for argument in arguments {
            guard !argument.utf8.contains(0) else {
                throw PluginError.invalid("the machine's data contains a zero byte, which no program can be given")
            }
            text += " \(Self.quoted(argument))"
        }
        text += "\n"
    }

    /// For a POSIX shell: nothing has a meaning between single quotes but the quote itself.
    static func quoted(_ text: String) -> String {
        var bytes = [UInt8(ascii: "'")]
        for byte in text.utf8 {
            if byte == UInt8(ascii: "'") { bytes += Array("'\\''".utf8) } else { bytes.append(byte) }
        }
        bytes.append(UInt8(ascii: "'"))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isVariable(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
