/// A shared object, examined before it is loaded (docs/spec/plugin-package.md section 2).
public struct ElfObject: Sendable {
    /// What an object may need: the C library family and the Swift runtime. Everything else belongs into the object.
    public static let allowed: Set<String> = [
        "libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libgcc_s.so.1", "libstdc++.so.6",
        "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libswiftCore.so", "libswiftGlibc.so",
        "libswiftSwiftOnoneSupport.so", "libswiftSynchronization.so", "libswiftObservation.so", "libswiftDispatch.so",
        "libswiftRegexBuilder.so", "libswiftDistributed.so", "libswift_Concurrency.so",
        "libswift_StringProcessing.so", "libswift_RegexParser.so", "libswift_Builtin_float.so",
        "libswift_Volatile.so", "libswift_Differentiation.so", "libdispatch.so", "libBlocksRuntime.so",
    ]
    #if arch(x86_64)
        static let machine: UInt16 = 62
    #elseif arch(arm64)
        static let machine: UInt16 = 183
    #endif

    /// The libraries that it names.
    public let needed: [String]
    /// Places where it wants them looked for.
    public let runpaths: [String]
    private let layout: ElfLayout

    /// - Throws: `badPackage` for anything but an ELF shared object for this machine.
    public init(_ bytes: [UInt8]) throws(HostingError) {
        layout = try ElfLayout(bytes)
        var needed: [String] = []
        var runpaths: [String] = []
        for entry in layout.dynamic {
            switch entry.tag {
            case ElfTag.needed: needed.append(try layout.text(entry.value, bytes))
            case ElfTag.rpath, ElfTag.runpath: runpaths.append(try layout.text(entry.value, bytes))
            case let tag where ElfTag.loadsMore.contains(tag):
                throw HostingError(.badPackage, "\(PackagePath.object) has the loader bring in other objects")
            default: break
            }
        }
        (self.needed, self.runpaths) = (needed, runpaths)
    }

    /// Refuses libraries that are not in the fixed list, and places where to look for them.
    /// - Throws: `badPackage`.
    public func check() throws(HostingError) {
        guard runpaths.isEmpty else {
            throw HostingError(
                .badPackage, "\(PackagePath.object) has an RPATH or RUNPATH, so others could slip it a library",
                hint: "`zos plugin build` removes it")
        }
        if let library = needed.first(where: { !Self.allowed.contains($0) }) {
            throw HostingError(
                .badPackage, "\(PackagePath.object) needs the library \(library), which plugins may not",
                hint: "link it statically")
        }
    }

    /// The object without `DT_RPATH` and `DT_RUNPATH`: SwiftPM always adds one.
    /// - Throws: `badPackage`.
    public static func removingRunpath(_ bytes: [UInt8]) throws(HostingError) -> [UInt8] {
        let layout = try ElfLayout(bytes)
        let kept = layout.dynamic.filter { $0.tag != ElfTag.rpath && $0.tag != ElfTag.runpath }
        guard kept.count < layout.dynamic.count else { return bytes }
        var output = bytes
        var offset = layout.dynamicOffset
        for entry in kept + Array(repeating: ElfEntry(tag: 0, value: 0), count: layout.dynamic.count - kept.count) {
            for (index, word) in [entry.tag, entry.value].enumerated() {
                for byte in 0..<8 {
                    output[offset + index * 8 + byte] = UInt8(truncatingIfNeeded: word >> (UInt64(byte) * 8))
                }
            }
            offset += ElfEntry.size
        }
        return output
    }
}

enum ElfTag {
    static let needed: UInt64 = 1
    static let stringTable: UInt64 = 5
    static let stringSize: UInt64 = 10
    static let rpath: UInt64 = 15
    static let runpath: UInt64 = 29
    /// `DT_CONFIG`, `DT_DEPAUDIT`, `DT_AUDIT`, `DT_AUXILIARY`, `DT_FILTER`.
    static let loadsMore: Set<UInt64> = [0x6fff_fefa, 0x6fff_fefb, 0x6fff_fefc, 0x7fff_fffd, 0x7fff_ffff]
}

/// An entry of the dynamic table.
struct ElfEntry: Sendable {
    static let size = 16
    let tag: UInt64
    let value: UInt64
}
