import CHost
import CSeccomp
import Glibc

/// What the kernel would be given for a list of rules, without loading it.
public struct CompiledFilter: Sendable {
    /// libseccomp's readable form of the program.
    public let pseudoCode: String
    /// Instructions of the program.
    public let instructions: Int

    /// Bytes of one instruction (linux/filter.h).
    private static let instructionSize = 8
    private static let limit = 4 << 20

    public init(rules: [CallRule]) throws(SandboxError) {
        (pseudoCode, instructions) = try CallFilter(rules: rules, otherwise: .ask).withContext {
            context throws(SandboxError) in
            let text = try Self.export { seccomp_export_pfc(context, $0) }
            let program = try Self.export { seccomp_export_bpf(context, $0) }
            return (String(decoding: text, as: UTF8.self), program.count / Self.instructionSize)
        }
    }

    private static func export(_ write: (Int32) -> Int32) throws(SandboxError) -> [UInt8] {
        let file = zos_memfd("filter")
        guard file >= 0 else { throw SandboxError("filter", -file) }
        defer { close(file) }
        let result = write(file)
        guard result >= 0 else { throw SandboxError("filter", -result) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while bytes.count < limit {
            let count = pread(file, &chunk, chunk.count, off_t(bytes.count))
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }
}
