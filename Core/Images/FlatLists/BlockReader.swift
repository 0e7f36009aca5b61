import CHost
import Glibc
import Unpacking

/// Gets blocks: from the cache, from folders of the node, from servers (docs/spec/flist.md section 4).
final class BlockReader {
    /// A folder that stores may lie in.
    struct StoreFolder {
        let path: String
        let handle: FileHandle
    }

    private let routes: [FlatListRoute]
    private let cache: BlockCache?
    private let folders: [StoreFolder]
    private let fetcher: (any BlockFetching)?
    private var serial = 0

    /// Fetched at a time.
    static let window = 8
    private static let attempts = 3

    init(routes: [FlatListRoute], cache: BlockCache?, folders: [StoreFolder], fetcher: (any BlockFetching)?) {
        self.routes = routes
        self.cache = cache
        self.folders = folders
        self.fetcher = fetcher
    }

    /// The plain bytes, verified.
    func read(_ block: Block) throws(ImageError) -> [UInt8] {
        if let plain = cache?.read(block) { return plain }
        var found: [UInt8] = []
        try get([block]) { _, plain in found = plain }
        return found
    }

    /// Puts all that are not there into the cache.
    func prefetch(_ blocks: Set<Block>, report: (String) -> Void) throws(ImageError) {
        guard let cache else { return }
        let missing = blocks.filter { cache.read($0) == nil }
        var done = 0
        try get(missing.shuffled()) { [self] block, plain in
            serial += 1
            cache.write(block, plain, serial: serial)
            done += 1
            if done % 64 == 0 || done == missing.count { report("got \(done) of \(missing.count) blocks") }
        }
    }

    /// Where a block may be, in random order, so that stores share the load.
    private func stores(_ block: Block) throws(ImageError) -> [FlatListRoute.Store] {
        let stores = routes.filter { $0.has(block.id) }.map(\.store)
        guard !stores.isEmpty else { throw ImageError(.invalid, "block \(block.name) is not routable") }
        return stores.shuffled()
    }

    /// A block on its way.
    private struct Search {
        let block: Block
        /// URLs still to be tried, the next one last.
        var urls: [String]
        var failures: [ImageError] = []
    }

    private func get(_ blocks: [Block], _ body: (Block, [UInt8]) -> Void) throws(ImageError) {
        var waiting = blocks[...]
        var open: [UInt64: Search] = [:]
        while true {
            while open.count < Self.window, let block = waiting.popFirst() {
                var search = Search(block: block, urls: [])
                if let plain = try local(&search) {
                    body(block, plain)
                    continue
                }
                open[try startNext(&search)] = search
            }
            guard !open.isEmpty, let fetcher else { return }
            let (id, outcome) = try fetcher.next()
            guard var search = open.removeValue(forKey: id) else { continue }
            do throws(ImageError) {
                if let encrypted = try outcome.get() {
                    body(search.block, try search.block.open(encrypted))
                    continue
                }
            } catch {
                search.failures.append(error)
            }
            open[try startNext(&search)] = search
        }
    }

    /// Looks into the node's folders and lists the servers.
    private func local(_ search: inout Search) throws(ImageError) -> [UInt8]? {
        let name = search.block.name
        let path = "\(name.prefix(2))/\(name)"
        for store in try stores(search.block) {
            switch store {
            case .folder(let folder):
                do throws(ImageError) {
                    for candidate in [path, name] {
                        guard let bytes = try read(candidate, in: folder) else { continue }
                        return try search.block.open(bytes)
                    }
                } catch { search.failures.append(error) }
            case .web(let url):
                // The next one is the last: the older place of a block comes after the usual one.
                search.urls.insert("\(url)/\(name)", at: 0)
                search.urls.append("\(url)/\(path)")
            case .database(let url): search.urls.append("\(url)/\(name)")
            case .unsupported(let url): search.failures.append(ImageError(.unsupported, "unsupported store \(url)"))
            }
        }
        // Servers fail for a moment; three rounds over all of them.
        search.urls = Array(repeatElement(search.urls, count: Self.attempts).joined())
        return nil
    }

    private func startNext(_ search: inout Search) throws(ImageError) -> UInt64 {
        guard let url = search.urls.popLast() else {
            let reasons = Set(search.failures.map(\.message)).sorted().joined(separator: "; ")
            let code = search.failures.last?.code ?? .unavailable
            throw ImageError(
                code, "block \(search.block.name) is in none of its stores\(reasons.isEmpty ? "" : ": \(reasons)")")
        }
        guard let fetcher else { throw ImageError(.denied, "this node fetches nothing: \(url)") }
        return try fetcher.start(url: url, limit: Block.encryptedLimit)
    }

    private func read(_ path: String, in store: String) throws(ImageError) -> [UInt8]? {
        guard let folder = folders.first(where: { store == $0.path || store.hasPrefix($0.path + "/") }) else {
            throw ImageError(.denied, "the store dir://\(store) is not below a folder that the operator lists")
        }
        let inner = store.dropFirst(folder.path.count).drop { $0 == "/" }
        let whole = inner.isEmpty ? path : "\(inner)/\(path)"
        let beneathWithoutLinks: UInt64 = 0x01 | 0x02 | 0x04 | 0x08
        let flags = UInt64(O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        let result = zos_openat2(folder.handle.number, whole, flags, 0, beneathWithoutLinks)
        if result == -ENOENT || result == -ENOTDIR { return nil }
        let file = FileHandle(taking: try checked(result, "open a block in dir://\(store)"))
        return try file.readAll(atMost: Block.encryptedLimit, name: "block \(path)")
    }
}

/// Fetches by URL, several at a time.
protocol BlockFetching: AnyObject {
    /// Asks for it and returns a number for the answer.
    func start(url: String, limit: Int) throws(ImageError) -> UInt64
    /// The next answer to any of the requests: the content, or nil where there is none.
    func next() throws(ImageError) -> (UInt64, Result<[UInt8]?, ImageError>)
}
