import Unpacking

/// All inodes of a flat list, checked before anything is written (docs/spec/flist.md section 5, step 1): one root,
/// every parent a folder, no cycle, no name twice, nothing too deep or too much.
public struct FlatListTree: Sendable {
    enum Kind: Sendable { case folder, file, link, pipe, special }

    struct Inode: Sendable {
        let number: Int64
        let parent: Int64
        /// Where its name is in `names`.
        let nameStart: UInt32
        let nameLength: UInt8
        let kind: Kind
        let size: UInt64
        let facts: EntryFacts
    }

    /// Sorted by parent, then by name.
    private let inodes: [Inode]
    private let names: [UInt8]
    /// The range in `inodes` of the children of a folder.
    private let children: [Int64: Range<Int>]
    let root: Inode
    /// Of all files.
    let bytes: UInt64

    var count: Int { inodes.count }

    private static let namesLimit = 512 << 20

    public init(_ database: FlatListDatabase, limits: UnpackLimits) throws(ImageError) {
        var (inodes, names): ([Inode], [UInt8]) = ([], [])
        var bytes: UInt64 = 0
        var rows = try database.statement(
            "SELECT ino, parent, name, size, uid, gid, mode, mtime FROM inode ORDER BY ino", "inode")
        while try rows.next() {
            guard inodes.count < limits.entries else {
                throw ImageError(.tooLarge, "the root has more than \(limits.entries) entries")
            }
            let inode = try Self.inode(&rows, &names, limits)
            inodes.append(inode)
            guard inode.kind == .file else { continue }
            let (sum, overflow) = bytes.addingReportingOverflow(inode.size)
            guard !overflow, sum <= limits.bytes else {
                throw ImageError(
                    .tooLarge,
                    "the files of the flat list have more than the \(limits.bytes) bytes that a root may have",
                    hint: "the operator can raise images.max_root_size")
            }
            bytes = sum
        }
        self.names = names
        self.bytes = bytes
        root = try Self.root(inodes, names)
        self.inodes = try Self.sorted(inodes, names)
        children = try Self.children(self.inodes)
        try checkReachable(limits)
    }

    func name(_ inode: Inode) -> ArraySlice<UInt8> {
        names[Int(inode.nameStart)..<Int(inode.nameStart) + Int(inode.nameLength)]
    }

    func children(of folder: Inode) -> ArraySlice<Inode> {
        children[folder.number].map { inodes[$0] } ?? []
    }

    private static func inode(
        _ row: inout FlatListStatement, _ names: inout [UInt8], _ limits: UnpackLimits
    ) throws(ImageError) -> Inode {
        let number = try row.integer(0, "ino")
        let parent = try row.integer(1, "parent")
        let name = try row.bytes(2, "name")
        let isRoot = parent == 0
        guard isRoot || EntryName.isName(name) else {
            throw ImageError(
                .invalid,
                "inode \(number) has the name '\(String(decoding: name.prefix(100), as: UTF8.self))', which is no name of 1 to 255 bytes without / and ."
            )
        }
        guard names.count + name.count <= Self.namesLimit, let start = UInt32(exactly: names.count) else {
            throw ImageError(.tooLarge, "the names of the flat list are too long in sum")
        }
        if !isRoot { names += name }
        let mode = UInt32(truncatingIfNeeded: try row.number(6, "mode", atMost: UInt64(UInt32.max)))
        let kind: Kind
        switch mode & 0o170000 {
        case 0o040000: kind = .folder
        case 0o100000: kind = .file
        case 0o120000: kind = .link
        case 0o010000: kind = .pipe
        case 0o020000, 0o060000, 0o140000: kind = .special
        default:
            throw ImageError(
                .invalid, "inode \(number) has the mode \(String(mode, radix: 8)), which is no type of file")
        }
        let user = try row.number(4, "uid", atMost: UInt64(UInt32.max))
        let group = try row.number(5, "gid", atMost: UInt64(UInt32.max))
        return Inode(
            number: number, parent: parent, nameStart: start, nameLength: isRoot ? 0 : UInt8(name.count), kind: kind,
            size: try row.number(3, "size"),
            facts: EntryFacts(
                user: UInt32(user), group: UInt32(group), mode: mode, modified: try row.integer(7, "mtime")))
    }

    private static func root(_ inodes: [Inode], _ names: [UInt8]) throws(ImageError) -> Inode {
        let roots = inodes.filter { $0.parent == 0 }
        guard roots.count == 1, let root = roots.first, root.number == 1, root.kind == .folder else {
            throw ImageError(.invalid, "the flat list has no single root: exactly one folder with ino 1 and parent 0")
        }
        return root
    }

    private static func sorted(_ inodes: [Inode], _ names: [UInt8]) throws(ImageError) -> [Inode] {
        names.withUnsafeBufferPointer { names in
            func name(_ inode: Inode) -> Slice<UnsafeBufferPointer<UInt8>> {
                names[Int(inode.nameStart)..<Int(inode.nameStart) + Int(inode.nameLength)]
            }
            return inodes.sorted { left, right in
                if left.parent != right.parent { return left.parent < right.parent }
                return name(left).lexicographicallyPrecedes(name(right))
            }
        }
    }

    private static func children(_ inodes: [Inode]) throws(ImageError) -> [Int64: Range<Int>] {
        var children: [Int64: Range<Int>] = [:]
        var start = 0
        while start < inodes.count {
            var end = start
            while end < inodes.count, inodes[end].parent == inodes[start].parent { end += 1 }
            children[inodes[start].parent] = start..<end
            start = end
        }
        return children
    }

    /// Walks from the root: what is not reached has a parent that is none, or is part of a cycle.
    private func checkReachable(_ limits: UnpackLimits) throws(ImageError) {
        var reached = 1
        var level = [root]
        var depth = 0
        while !level.isEmpty {
            guard depth <= limits.depth else {
                throw ImageError(.tooLarge, "the flat list has folders more than \(limits.depth) deep")
            }
            var next: [Inode] = []
            for folder in level {
                let children = children(of: folder)
                reached += children.count
                for (left, right) in zip(children, children.dropFirst()) where name(left) == name(right) {
                    throw ImageError(
                        .invalid,
                        "the flat list has '\(String(decoding: name(left), as: UTF8.self))' twice in folder \(folder.number)"
                    )
                }
                next += children.filter { $0.kind == .folder }
            }
            level = next
            depth += 1
        }
        guard reached == inodes.count else {
            throw ImageError(
                .invalid,
                "\(inodes.count - reached) inodes of the flat list are not below its root: their parents are missing, no folders, or a cycle"
            )
        }
    }
}
