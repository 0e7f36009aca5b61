import PluginSDK

/// What a machine runs: of its data and of what its root says about itself, with the data's word first
/// (docs/spec/flist.md section 7).
struct MachineProgram: Sendable, Hashable {
    /// Program and arguments; empty if nobody named one.
    let words: [String]
    let directory: String?
    /// In order; a later one of the same name counts.
    let variables: [Variable]

    struct Variable: Sendable, Hashable {
        let name: String
        let value: String
    }

    init(_ data: ZMachine, startup: Startup?) throws {
        guard let words = Words.split(data.entrypoint) else {
            throw PluginError.invalid("the entrypoint has a quote that is not closed")
        }
        self.words = words.isEmpty ? startup?.program ?? [] : words
        directory = startup?.directory
        var variables: [Variable] = []
        for (name, value) in zip(startup?.variables ?? [], startup?.values ?? []) where Self.isVariable(name) {
            variables.append(Variable(name: name, value: value))
        }
        for (name, value) in data.variables {
            guard Self.isVariable(name) else {
                throw PluginError.invalid(
                    "env: '\(name)' is no name of a variable: letters, digits and _, no digit first")
            }
            variables.append(Variable(name: name, value: value))
        }
        self.variables = variables
        let texts = self.words + [directory ?? ""] + variables.map(\.value)
        guard !texts.contains(where: { $0.utf8.contains(0) }) else {
            throw PluginError.invalid("the machine's data contains a zero byte, which no program can be given")
        }
    }

    /// Who may log in as root: the data's variable `SSH_KEY`, split at newlines and commas.
    static func keys(_ data: ZMachine) -> [String] {
        data.variables.filter { same($0.name, "SSH_KEY") }.flatMap { variable in
            variable.value.utf8.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: ",") }
                .map { String(decoding: $0, as: UTF8.self) }
        }
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
