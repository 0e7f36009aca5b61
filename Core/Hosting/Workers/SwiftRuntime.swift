import Glibc

/// Where the shared libraries of the Swift runtime are that this process uses. Packages carry no path to them.
public enum SwiftRuntime {
    /// The folder of libswiftCore; nil in a statically linked build.
    public static func folder() -> String? {
        guard let maps = try? SmallFile.read("/proc/self/maps") else { return nil }  // then it is nowhere
        for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
            guard line.hasSuffix("/libswiftCore.so"), let start = line.firstIndex(of: "/") else { continue }
            return String(line[start...].dropLast("/libswiftCore.so".count))
        }
        return nil
    }
}
