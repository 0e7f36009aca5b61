import Baseline
import Foundation
import ImageFixtures
import Images
import Unpacking

/// Unpacking a root by the unpacker's own code, in this process and without its walls, against `tar` unpacking the same
/// files. Neither flushes.
enum UnpackMeasure {
    private static let rounds = 3
    private static let files = 1500
    private static let largeFile = 24 << 20

    static func take() async throws -> [Measurement] {
        try await TemporaryFolder.with("unpack") { folder in
            try makeTree(folder + "/root")
            try Program.execute(["tar", "-C", folder + "/root", "-cf", folder + "/root.tar", "."])
            try Program.execute(["tar", "-C", folder + "/root", "-czf", folder + "/root.tar.gz", "."])
            let layer = OCIPacker.Layer(FixtureFile.read(folder + "/root.tar"))
            FixtureFile.write(folder + "/image.oci.tar", OCIPacker(layers: [layer]).tar)
            let store = folder + "/store"
            try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: true)
            var packer = FlatListPacker()
            FixtureFile.write(folder + "/root.fl", packer.pack(try entries(folder + "/root"), store: "dir://\(store)"))
            packer.writeStore(store)
            return try [
                measure("tar", .tar, "root.tar", tar: "root.tar", in: folder, aim: 2),
                measure("tar.gz", .tarGzip, "root.tar.gz", tar: "root.tar.gz", in: folder, aim: 2),
                measure("OCI image", .ociArchive, "image.oci.tar", tar: "root.tar", in: folder, aim: 3),
                measure("flat list", .flatList, "root.fl", tar: "root.tar", in: folder, aim: 5),
            ]
        }
    }

    private static func measure(
        _ name: String, _ form: ImageForm, _ source: String, tar: String, in folder: String, aim: Double
    ) throws -> Measurement {
        var (ours, theirs): ([UInt64], [UInt64]) = ([], [])
        for _ in 0..<rounds {
            ours.append(try unpack(form, "\(folder)/\(source)", in: folder))
            let target = try empty("\(folder)/target")
            let started = bench_now()
            try Program.execute(["tar", "-C", target, "--numeric-owner", "-xpf", "\(folder)/\(tar)"])
            theirs.append(bench_now() - started)
        }
        let (mine, other) = (Double(Samples(ours).median), Double(Samples(theirs).median))
        return Measurement(
            name: "unpack \(name)", meaning: "unpacking a root from \(name) ÷ tar unpacking the same files",
            ratio: mine / other, aim: .atMost(aim),
            figures: [
                .init("files of a root of \((files * 20 + largeFile / 1024) / 1024) MiB or so", Double(files + 1), ""),
                .init("unpacking, verified", mine / 1e6, "ms"), .init("tar", other / 1e6, "ms"),
            ])
    }

    private static func unpack(_ form: ImageForm, _ source: String, in folder: String) throws -> UInt64 {
        func handle(_ path: String) throws -> Images.FileHandle {
            let number = open(path, O_RDONLY | O_CLOEXEC)
            guard number >= 0 else { throw BenchError("cannot open \(path)") }
            return Images.FileHandle(taking: number)
        }
        var unpacker = Unpacker(
            source: try handle(source), target: try handle(try empty("\(folder)/target")),
            scratch: try handle(try empty("\(folder)/scratch")), limits: UnpackLimits())
        unpacker.blocks = try handle(try empty("\(folder)/blocks"))
        unpacker.stores = [(folder, try handle(folder))]
        let started = bench_now()
        _ = try unpacker.unpack(form)
        return bench_now() - started
    }

    private static func empty(_ path: String) throws -> String {
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    /// Many small files, one large one, as roots have them; half of it compresses.
    private static func makeTree(_ root: String) throws {
        var generator = SystemRandomNumberGenerator()
        let noise = (0..<(1 << 16)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        for index in 0..<files {
            let folder = "\(root)/usr/d\(index % 40)/e\(index % 7)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let size = 1024 + (index * 7919) % 40_000
            let half = Array(noise[..<(size / 2)])
            FixtureFile.write(
                "\(folder)/f\(index)", half + [UInt8](repeating: UInt8(index % 256), count: size - half.count))
        }
        let piece = noise + [UInt8](repeating: 0, count: 1 << 16)
        FixtureFile.write("\(root)/usr/large", (0..<(largeFile / piece.count)).flatMap { _ in piece })
    }

    private static func entries(_ root: String) throws -> [FixtureEntry] {
        FixtureFile.list(root).map { path in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isFolder)
            if isFolder.boolValue { return FixtureEntry(path, .folder, mode: 0o755) }
            return FixtureEntry(path, .file(FixtureFile.read("\(root)/\(path)")))
        }
    }
}
