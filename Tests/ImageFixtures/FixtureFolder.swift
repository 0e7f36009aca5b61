import Glibc

/// A temporary folder that goes with its last reference.
public final class FixtureFolder: Sendable {
    public let path: String

    public init() {
        var template = Array("/tmp/zos-images-XXXXXX".utf8.map { CChar(bitPattern: $0) }) + [0]
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
        chmod(path, 0o755)
    }

    deinit { _ = system("rm -rf '\(path)'") }

    public func make(_ name: String) -> String {
        mkdir("\(path)/\(name)", 0o755)
        return "\(path)/\(name)"
    }

    public func write(_ name: String, _ bytes: [UInt8]) -> String {
        FixtureFile.write("\(path)/\(name)", bytes)
        return "\(path)/\(name)"
    }
}
