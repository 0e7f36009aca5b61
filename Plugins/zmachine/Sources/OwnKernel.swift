import PluginSDK

/// The kernel that a root brings (docs/spec/workloads.md section 6.1).
struct OwnKernel: Sendable {
    let kernel: Descriptor
    let initramfs: Descriptor?
    /// What the kernel runs first; nil for its own choice.
    let start: String?

    /// The program as it can stand on a kernel's line; its arguments are for whoever reads the machine's seed.
    static func start(_ program: MachineProgram) throws -> String? {
        guard let word = program.words.first else { return nil }
        let parts = word.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isPlain =
            word.hasPrefix("/")
            && parts.dropFirst().allSatisfy { part in
                !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
                    && part.allSatisfy(isPlainByte)
            }
        guard isPlain, word.utf8.count < 256 else {
            throw PluginError.invalid(
                "the root boots a kernel of its own, so its entrypoint has to be an absolute path of "
                    + "A-Z a-z 0-9 _ . - without . and .., not '\(word)'")
        }
        return word
    }

    private static func isPlainByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
