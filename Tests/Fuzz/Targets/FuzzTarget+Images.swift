import Foundation
import ImageFixtures
import Images
import Unpacking

extension FuzzTarget {
    private static let entries = [
        FixtureEntry("etc", .folder), FixtureEntry("etc/motd", .file(Array("hello".utf8))),
        FixtureEntry("etc/link", .link("motd")), FixtureEntry("pipe", .pipe),
    ]

    static let flatList = images("flat-list", .flatList, maxBytes: 128 << 10) {
        var packer = FlatListPacker()
        return [packer.pack(entries, store: "dir:///nowhere")]
    }

    static let tar = images("tar", .tar) {
        [TarPacker.pack(entries)]
    }

    static let compressedTar = images("tar-gzip", .tarGzip) {
        let folder = FixtureFolder()
        return [FixtureFile.filter(TarPacker.pack(entries), by: "gzip -n", in: folder.path)]
    }

    static let ociArchive = images("oci-archive", .ociArchive) {
        [OCIPacker(layers: [.init(TarPacker.pack(entries))]).tar]
    }

    /// Small bounds, so that an input which asks for much is refused before it costs much.
    private static let limits = UnpackLimits(
        bytes: 1 << 20, entries: 256, depth: 16, path: 512, layers: 4, document: 64 << 10, owner: 65535)

    /// Unpacks into a folder that is made for the input and taken away after it.
    private static func images(
        _ name: String, _ form: ImageForm, maxBytes: Int = 64 << 10, seeds: @escaping @Sendable () throws -> [[UInt8]]
    ) -> FuzzTarget {
        FuzzTarget(name, maxBytes: maxBytes, seeds: seeds) { bytes in
            let folder = FileManager.default.temporaryDirectory.appending(path: "zos-fuzz-\(getpid())").path()
            // What an earlier input left, if its process ended in it.
            try? FileManager.default.removeItem(atPath: folder)
            defer { try? FileManager.default.removeItem(atPath: folder) }  // Nothing more can be done about it.
            mkdir(folder, 0o755)
            FixtureFile.write(folder + "/source", bytes)
            func opened(_ name: String) -> Images.FileHandle {
                mkdir(folder + "/" + name, 0o755)
                return Images.FileHandle(taking: open(folder + "/" + name, O_RDONLY | O_CLOEXEC))
            }
            let unpacker = Unpacker(
                source: opened("source"), target: opened("target"), scratch: opened("scratch"), limits: limits)
            guard let tally = try? unpacker.unpack(form) else { return nil }
            return tally.entries > limits.entries ? "more entries than allowed were unpacked" : nil
        }
    }
}
