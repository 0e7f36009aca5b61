import PluginSDK

/// A small ISO 9660 file system (ECMA-119) with files in its root only. Linux shows the names in lower case.
struct DiscImage {
    private static let sector = 2048
    /// Volume descriptor, terminator, two path tables, the root's folder: then the files.
    private static let firstFile = 21

    private let label: String
    private var files: [(name: String, content: [UInt8])] = []

    /// - Parameter label: at most 32 ASCII characters.
    init(label: String) { self.label = label }

    func adding(_ name: String, _ text: String) -> DiscImage {
        var copy = self
        copy.files.append((name, Array(text.utf8)))
        return copy
    }

    var bytes: [UInt8] {
        get throws {
            let folder = try folder()
            let total = Self.firstFile + files.reduce(0) { $0 + Self.sectors($1.content.count) }
            var image = [UInt8](repeating: 0, count: 16 * Self.sector)
            image += volume(total)
            image += Self.padded([255] + Array("CD001".utf8) + [1])
            for isBig in [false, true] { image += Self.padded(Self.pathTable(isBig)) }
            image += folder
            for file in files where !file.content.isEmpty { image += Self.padded(file.content) }
            return image
        }
    }

    private static func sectors(_ count: Int) -> Int { (count + sector - 1) / sector }

    private static func padded(_ bytes: [UInt8]) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: sectors(bytes.count) * sector - bytes.count)
    }

    private static func little(_ value: Int, _ length: Int) -> [UInt8] {
        (0..<length).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// A number in both orders, as the standard has it.
    private static func both(_ value: Int, _ length: Int) -> [UInt8] {
        little(value, length) + little(value, length).reversed()
    }

    private static func spaces(_ text: String, _ length: Int) -> [UInt8] {
        let bytes = Array(text.utf8.prefix(length))
        return bytes + [UInt8](repeating: UInt8(ascii: " "), count: length - bytes.count)
    }

    private static let noTime = [UInt8](repeating: UInt8(ascii: "0"), count: 16) + [0]

    private func volume(_ total: Int) -> [UInt8] {
        let pathTableLength = Self.pathTable(false).count
        var bytes = [UInt8(1)] + Array("CD001".utf8) + [1, 0]
        bytes += Self.spaces("", 32) + Self.spaces(label, 32) + [UInt8](repeating: 0, count: 8)
        bytes += Self.both(total, 4) + [UInt8](repeating: 0, count: 32)
        bytes += Self.both(1, 2) + Self.both(1, 2) + Self.both(Self.sector, 2) + Self.both(pathTableLength, 4)
        bytes += Self.little(18, 4) + Self.little(0, 4) + Self.little(19, 4).reversed() + Self.little(0, 4)
        bytes += Self.record([0], sector: 20, size: Self.sector, isFolder: true)
        bytes += Self.spaces("", 128 * 4 + 37 * 3)
        bytes += Self.noTime + Self.noTime + Self.noTime + Self.noTime + [1, 0]
        return Self.padded(bytes)
    }

    private static func pathTable(_ isBig: Bool) -> [UInt8] {
        let (sector, parent) = (little(20, 4), little(1, 2))
        return [1, 0] + (isBig ? sector.reversed() : sector) + (isBig ? parent.reversed() : parent) + [0, 0]
    }

    /// The root's folder: itself, its parent, which it is too, and the files.
    private func folder() throws -> [UInt8] {
        var bytes = Self.record([0], sector: 20, size: Self.sector, isFolder: true)
        bytes += Self.record([1], sector: 20, size: Self.sector, isFolder: true)
        for file in files.sorted(by: { $0.name.uppercased() < $1.name.uppercased() }) {
            // Where the file is: after all that come before it in the order of adding.
            var start = Self.firstFile
            for other in files {
                if other.name == file.name { break }
                start += Self.sectors(other.content.count)
            }
            bytes += Self.record(Array((file.name.uppercased() + ";1").utf8), sector: start, size: file.content.count)
        }
        guard bytes.count <= Self.sector else { throw PluginError.failed("too many files for the machine's seed") }
        return Self.padded(bytes)
    }

    private static func record(_ name: [UInt8], sector: Int, size: Int, isFolder: Bool = false) -> [UInt8] {
        let length = 33 + name.count + (name.count + 1) % 2
        var bytes = [UInt8(length), 0] + both(sector, 4) + both(size, 4)
        bytes += [100, 1, 1, 0, 0, 0, 0] + [isFolder ? 2 : 0, 0, 0] + both(1, 2)
        bytes += [UInt8(name.count)] + name
        if bytes.count < length { bytes.append(0) }
        return bytes
    }
}
