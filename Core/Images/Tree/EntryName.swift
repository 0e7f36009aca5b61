import Unpacking

/// A path inside a root: names without `/`, `.` and `..`, as bytes, since that is what they are to the kernel.
struct EntryName: Hashable {
    /// None for the root itself.
    let names: [[UInt8]]

    /// The longest name that file systems take.
    static let nameLimit = 255

    var isRoot: Bool { names.isEmpty }
    var last: [UInt8] { names.last ?? [] }
    var parent: EntryName { EntryName(checked: Array(names.dropLast())) }

    /// For messages: what is not UTF-8 is replaced.
    var text: String { isRoot ? "/" : String(decoding: bytes, as: UTF8.self) }

    /// With `/` between.
    var bytes: [UInt8] { Array(names.joined(separator: [UInt8(ascii: "/")])) }

    init(checked names: [[UInt8]]) { self.names = names }

    func appending(_ name: [UInt8]) -> EntryName { EntryName(checked: names + [name]) }

    /// A path as archives write it: `./` in front and `/` behind mean nothing.
    /// - Throws: `invalid` for an absolute path, `..`, a zero byte, and names that are too long; `tooLarge` for depth.
    init(archived path: [UInt8], limits: UnpackLimits) throws(ImageError) {
        func wrong(_ why: String) -> ImageError {
            ImageError(.invalid, "the entry '\(String(decoding: path.prefix(200), as: UTF8.self))' \(why)")
        }
        guard !path.isEmpty else { throw wrong("has no name") }
        guard path.count <= limits.path else { throw wrong("has a path of more than \(limits.path) bytes") }
        guard path.first != UInt8(ascii: "/") else { throw wrong("has an absolute path") }
        guard !path.contains(0) else { throw wrong("has a zero byte in its path") }
        var names: [[UInt8]] = []
        for part in path.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual(".".utf8) { continue }
            guard !part.elementsEqual("..".utf8) else { throw wrong("leads out of the root by ..") }
            guard part.count <= Self.nameLimit else { throw wrong("has a name of more than \(Self.nameLimit) bytes") }
            names.append(Array(part))
        }
        guard names.count <= limits.depth else { throw wrong("lies more than \(limits.depth) folders deep") }
        self.names = names
    }

    /// One name of a folder, as databases list them.
    static func isName(_ name: some Collection<UInt8>) -> Bool {
        (1...nameLimit).contains(name.count) && !name.contains(0) && !name.contains(UInt8(ascii: "/"))
            && !name.elementsEqual(".".utf8) && !name.elementsEqual("..".utf8)
    }
}
