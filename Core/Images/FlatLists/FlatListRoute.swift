import Unpacking

/// A store, and the first bytes of the ids of the blocks that it has (docs/spec/flist.md section 4).
public struct FlatListRoute: Sendable, Hashable {
    static let countLimit = 4096

    enum Store: Hashable, Sendable {
        case folder(path: String)
        /// `http` and `https`; without a slash at the end.
        case web(url: String)
        /// `zdb://…/namespace`.
        case database(url: String)
        case unsupported(url: String)
    }

    let start: UInt8
    let end: UInt8
    let store: Store

    init(start: UInt8, end: UInt8, url: String) throws(ImageError) {
        self.start = start
        self.end = end
        guard url.utf8.count <= ImageReference.lengthLimit, url.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw ImageError(.invalid, "the flat list has a route whose URL is not plain ASCII text")
        }
        var plain = Substring(url)
        while plain.hasSuffix("/") { plain.removeLast() }
        if plain.hasPrefix("dir://") {
            store = .folder(path: String(plain.dropFirst("dir://".count)))
        } else if plain.hasPrefix("http://") || plain.hasPrefix("https://") {
            store = .web(url: String(plain))
        } else if plain.hasPrefix("zdb://") {
            store = .database(url: String(plain))
        } else {
            store = .unsupported(url: url)
        }
    }

    func has(_ id: [UInt8]) -> Bool {
        guard let first = id.first else { return false }
        return start <= first && first <= end
    }
}
