import Foundation

/// Where this program is.
enum ProgramPath {
    /// - Throws: `failed` without /proc.
    static func own() throws(CommandError) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        guard length > 0 else { throw CommandError(.failed, "this program cannot find itself: is /proc mounted?") }
        return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
