import Glibc
import ImageFixtures
import Unpacking

@testable import Images

/// Unpacks one source in a folder of its own, in this process.
struct UnpackCase {
    let folder = FixtureFolder()
    var limits = UnpackLimits()

    var target: String { folder.path + "/target" }

    @discardableResult
    func unpack(_ bytes: [UInt8], _ form: ImageForm, stores: [String] = []) throws(ImageError) -> UnpackTally {
        try unpack(open(folder.write("source", bytes)), form, stores: stores)
    }

    @discardableResult
    func unpack(
        _ source: FileHandle, _ form: ImageForm, stores: [String] = [], fetcher: PacketSocket? = nil
    ) throws(ImageError) -> UnpackTally {
        var unpacker = Unpacker(
            source: source, target: open(folder.make("target")), scratch: open(folder.make("scratch")), limits: limits)
        unpacker.blocks = open(folder.make("blocks"))
        unpacker.stores = stores.map { ($0, open($0)) }
        unpacker.fetcher = fetcher
        return try unpacker.unpack(form)
    }

    func open(_ path: String) -> FileHandle { FileHandle(taking: Glibc.open(path, O_RDONLY | O_CLOEXEC)) }

    /// Everything below the target, a line each: type, rights, owner, time, size or target, path.
    var listing: [String] { TreeListing.lines(target) }

    /// Whether nothing but the target and what a test made lies in the folder or beside it.
    func status(_ path: String) -> stat? {
        var facts = stat()
        return lstat(target + "/" + path, &facts) == 0 ? facts : nil
    }
}

/// A tree as text.
enum TreeListing {
    static func lines(_ root: String) -> [String] {
        FixtureFile.list(root).map { path in
            var facts = stat()
            lstat(root + "/" + path, &facts)
            let kind = facts.st_mode & S_IFMT
            var detail = ""
            if kind == S_IFREG {
                detail = FixtureFile.sha256Text(FixtureFile.read(root + "/" + path)).prefix(8).description
            }
            if kind == S_IFLNK { detail = FixtureFile.target(root + "/" + path) }
            return
                "\(String(facts.st_mode, radix: 8)) \(facts.st_uid):\(facts.st_gid) \(facts.st_mtim.tv_sec) \(path) \(detail)"
        }
    }

    /// What a correct unpacking of these entries gives.
    static func lines(_ entries: [FixtureEntry]) -> [String] {
        entries.sorted { $0.path.lexicographicallyPrecedes($1.path) }.map { entry in
            var (type, detail): (UInt32, String) = (0, "")
            var mode = entry.mode
            switch entry.kind {
            case .folder: type = 0o040000
            case .file(let content): (type, detail) = (0o100000, String(FixtureFile.sha256Text(content).prefix(8)))
            case .link(let target): (type, detail, mode) = (0o120000, target, 0o777)
            default: type = 0o010000
            }
            return
                "\(String(type | mode, radix: 8)) \(entry.user):\(entry.group) \(entry.modified) \(String(decoding: entry.path, as: UTF8.self)) \(detail)"
        }
    }
}
