import PluginSDK

/// What the machine is told at boot: a list of calls of the functions in `guest/init`, every argument quoted for its
/// shell (docs/spec/workloads.md section 6.4).
struct GuestConfiguration: Sendable {
    private(set) var text = ""

    /// - Parameter isFirstStart: whether the root was made just now.
    init(
        _ plan: MachinePlan, data: ZMachine, startup: Startup?, nameservers: [String], isFirstStart: Bool
    ) throws {
        let program = try MachineProgram(data, startup: startup)
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
        for variable in program.variables { try add("variable", variable.name, variable.value) }
        for key in MachineProgram.keys(data) { try add("key", key) }
        if let directory = program.directory { try add("directory", directory) }
        if !program.words.isEmpty { try add("program", program.words) }
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
}
