import CHost
import Glibc
import Unpacking

/// Writes entries beneath one folder and nowhere else, whatever their names and links say (docs/spec/flist.md section 5).
///
/// Every folder on the way is opened by the kernel under the rule that no link is followed. Owner, rights and times of
/// folders come last, deepest first, so that writing into them needs nothing of what they will be.
final class TreeWriter {
    let root: FileHandle
    let limits: UnpackLimits
    private(set) var tally = UnpackTally()
    /// Devices and sockets count here too: they cost as much to read.
    private var seen = 0
    /// What folders become at the end, by path.
    private var folders: [[UInt8]: EntryFacts] = [:]
    private var folderBytes = 0
    /// Nil in the first layer, where everything that exists is of the same layer.
    private var ownInodes: Set<UInt64>?
    private var lastParent: (EntryName, FileHandle)?

    /// Bytes of the paths of all folders, which are kept in memory.
    private static let folderBytesLimit = 256 << 20
    /// RESOLVE_NO_XDEV, NO_MAGICLINKS, NO_SYMLINKS, BENEATH of openat2(2).
    private static let resolve: UInt64 = 0x01 | 0x02 | 0x04 | 0x08

    /// - Parameter root: an empty folder.
    init(root: FileHandle, limits: UnpackLimits) {
        self.root = root
        self.limits = limits
        folders[[]] = EntryFacts(mode: 0o755)
    }

    /// What comes now lies over what is there.
    func beginLayer() { ownInodes = [] }

    // MARK: Entries

    func folder(_ name: EntryName, _ facts: EntryFacts) throws(ImageError) {
        try count(name, facts)
        if !name.isRoot {
            let parent = try openParent(of: name)
            if try makeRoom(for: name, in: parent, isFolder: true) { try makeFolder(name, in: parent) }
        }
        try note(name, facts)
    }

    /// A regular file of exactly `size` bytes; `fill` writes what is no hole.
    func file(
        _ name: EntryName, _ facts: EntryFacts, size: UInt64, fill: (FileHandle) throws(ImageError) -> Void
    ) throws(ImageError) {
        try count(name, facts)
        try add(size, of: name)
        let parent = try openParent(of: name)
        try makeRoom(for: name, in: parent)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = FileHandle(
            taking: try checkedErrno(openat(parent.number, cString(name.last), flags, 0o600), "make \(name.text)"))
        try own(file)
        try fill(file)
        guard let length = off_t(exactly: size) else { throw ImageError(.tooLarge, "\(name.text) is too large") }
        if try file.size() < size { try checkedErrno(ftruncate(file.number, length), "make \(name.text)") }
        guard try file.size() == size else {
            throw ImageError(.corrupt, "\(name.text) has more content than its size of \(size) bytes")
        }
        try apply(facts, to: file, name)
    }

    func link(_ name: EntryName, to target: [UInt8], _ facts: EntryFacts) throws(ImageError) {
        try count(name, facts)
        guard (1...4095).contains(target.count), !target.contains(0) else {
            throw ImageError(.invalid, "the link \(name.text) has no target of 1 to 4095 bytes")
        }
        let parent = try openParent(of: name)
        try makeRoom(for: name, in: parent)
        try checkedErrno(symlinkat(cString(target), parent.number, cString(name.last)), "link \(name.text)")
        try applyByName(facts, name, in: parent)
    }

    /// Another name of a file that an earlier entry made.
    func hardLink(_ name: EntryName, to target: EntryName) throws(ImageError) {
        try count(name, EntryFacts(mode: 0))
        guard !target.isRoot, let from = try openFolder(target.parent, creating: false),
            let facts = try status(of: target.last, in: from), facts.st_mode & S_IFMT == S_IFREG
        else {
            throw ImageError(
                .invalid, "\(name.text) is a hard link to \(target.text), which is no file of the root before it")
        }
        let parent = try openParent(of: name)
        try makeRoom(for: name, in: parent)
        try checkedErrno(
            linkat(from.number, cString(target.last), parent.number, cString(name.last), 0), "link \(name.text)")
        ownInodes?.insert(UInt64(facts.st_ino))
    }

    func pipe(_ name: EntryName, _ facts: EntryFacts) throws(ImageError) {
        try count(name, facts)
        let parent = try openParent(of: name)
        try makeRoom(for: name, in: parent)
        try checkedErrno(mknodat(parent.number, cString(name.last), S_IFIFO | 0o600, 0), "make \(name.text)")
        try applyByName(facts, name, in: parent)
        try checkedErrno(fchmodat(parent.number, cString(name.last), facts.mode, 0), "make \(name.text)")
    }

    /// A device or a socket: a root does not get them from its image.
    func skip(_ name: EntryName) throws(ImageError) {
        seen += 1
        try checkCount(name)
        tally.skipped += 1
    }

    // MARK: Layers

    /// Takes away what lower layers have by that name.
    func whiteOut(_ name: EntryName) throws(ImageError) {
        guard let parent = try openFolder(name.parent, creating: false), try status(of: name.last, in: parent) != nil
        else { return }
        try removeForeign(name.last, in: parent, depth: name.names.count)
        lastParent = nil
    }

    /// Takes away all that lower layers have in that folder.
    func makeOpaque(_ name: EntryName) throws(ImageError) {
        guard let folder = try openFolder(name, creating: false) else { return }
        for child in try Self.names(in: folder) {
            try removeForeign(child, in: folder, depth: name.names.count + 1)
        }
        lastParent = nil
    }

    /// Whether there is anything by that name, links not followed.
    func exists(_ name: EntryName) throws(ImageError) -> Bool {
        guard let parent = try openFolder(name.parent, creating: false) else { return false }
        return try status(of: name.last, in: parent) != nil
    }

    /// Gives folders their owners, rights and times. Nothing can be written afterwards.
    func finish() throws(ImageError) {
        lastParent = nil
        // A folder's path is a beginning of those in it: the longer ones come first.
        for path in folders.keys.sorted(by: { $1.lexicographicallyPrecedes($0) }) {
            guard let facts = folders[path] else { continue }
            let name = EntryName(checked: path.split(separator: UInt8(ascii: "/")).map(Array.init))
            let flags = UInt64(O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            let result = zos_openat2(root.number, path.isEmpty ? [46, 0] : cString(path), flags, 0, Self.resolve)
            // A later layer has put something else there.
            if [-ENOENT, -ENOTDIR, -ELOOP].contains(result) { continue }
            try apply(facts, to: FileHandle(taking: try checked(result, "finish \(name.text)")), name)
        }
    }

    // MARK: Steps

    private func count(_ name: EntryName, _ facts: EntryFacts) throws(ImageError) {
        seen += 1
        try checkCount(name)
        tally.entries += 1
        guard facts.user <= limits.owner, facts.group <= limits.owner else {
            throw ImageError(
                .unsupported, "\(name.text) belongs to \(facts.user):\(facts.group); ids go up to \(limits.owner)")
        }
        guard name.names.count <= limits.depth else {
            throw ImageError(.tooLarge, "\(name.text) lies more than \(limits.depth) folders deep")
        }
    }

    private func checkCount(_ name: EntryName) throws(ImageError) {
        guard seen <= limits.entries else {
            throw ImageError(.tooLarge, "the root has more than \(limits.entries) entries")
        }
    }

    private func add(_ size: UInt64, of name: EntryName) throws(ImageError) {
        let (sum, overflow) = tally.bytes.addingReportingOverflow(size)
        guard !overflow, sum <= limits.bytes else {
            throw ImageError(
                .tooLarge, "the files up to \(name.text) have more than the \(limits.bytes) bytes that a root may have",
                hint: "the operator can raise images.max_root_size")
        }
        tally.bytes = sum
    }

    private func note(_ name: EntryName, _ facts: EntryFacts) throws(ImageError) {
        let path = name.bytes
        if folders.updateValue(facts, forKey: path) == nil { folderBytes += path.count + 64 }
        guard folderBytes <= Self.folderBytesLimit else {
            throw ImageError(.tooLarge, "the paths of the root's folders are too long in sum")
        }
    }

    private func openParent(of name: EntryName) throws(ImageError) -> FileHandle {
        guard !name.isRoot else { throw ImageError(.invalid, "the root itself has to be a folder") }
        if let (parent, handle) = lastParent, parent == name.parent { return handle }
        guard let handle = try openFolder(name.parent, creating: true) else {
            throw ImageError(.invalid, "the folder of \(name.text) cannot be made")
        }
        lastParent = (name.parent, handle)
        return handle
    }

    /// Nil if it is not there and not to be made.
    private func openFolder(_ name: EntryName, creating: Bool) throws(ImageError) -> FileHandle? {
        let flags = UInt64(O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        let path = name.isRoot ? [46, 0] : cString(name.bytes)
        let result = zos_openat2(root.number, path, flags, 0, Self.resolve)
        switch -result {
        case ENOENT:
            guard creating, !name.isRoot, let above = try openFolder(name.parent, creating: true) else { return nil }
            try makeFolder(name, in: above)
            try note(name, EntryFacts(mode: 0o755))
            return try openFolder(name, creating: false)
        case ELOOP, ENOTDIR, EXDEV:
            throw ImageError(.invalid, "\(name.text) is a link or a file, and something is to be written beyond it")
        default: return FileHandle(taking: try checked(result, "open \(name.text)"))
        }
    }

    private func makeFolder(_ name: EntryName, in parent: FileHandle) throws(ImageError) {
        try checkedErrno(mkdirat(parent.number, cString(name.last), 0o700), "make \(name.text)")
        if let facts = try status(of: name.last, in: parent) { ownInodes?.insert(UInt64(facts.st_ino)) }
    }

    /// Makes the name free.
    /// - Returns: false if a folder is there already and may stay.
    @discardableResult
    private func makeRoom(for name: EntryName, in parent: FileHandle, isFolder: Bool = false) throws(ImageError) -> Bool
    {
        guard let facts = try status(of: name.last, in: parent) else { return true }
        if isFolder && facts.st_mode & S_IFMT == S_IFDIR { return false }
        guard let ownInodes, !ownInodes.contains(UInt64(facts.st_ino)) else {
            throw ImageError(.invalid, "\(name.text) is there twice")
        }
        try removeForeign(name.last, in: parent, depth: name.names.count)
        lastParent = nil
        guard try status(of: name.last, in: parent) == nil else {
            throw ImageError(.invalid, "\(name.text) is a folder and something else in one layer")
        }
        return true
    }

    /// Removes what this layer has not made, and folders that are empty then.
    private func removeForeign(_ name: [UInt8], in parent: FileHandle, depth: Int) throws(ImageError) {
        guard depth <= limits.depth + 1 else { throw ImageError(.tooLarge, "folders are nested too deeply") }
        guard let facts = try status(of: name, in: parent) else { return }
        let isOwn = ownInodes?.contains(UInt64(facts.st_ino)) ?? true
        guard facts.st_mode & S_IFMT == S_IFDIR else {
            guard !isOwn else { return }
            try checkedErrno(unlinkat(parent.number, cString(name), 0), "remove a file of a lower layer")
            return
        }
        let folder = FileHandle(
            taking: try checkedErrno(
                openat(parent.number, cString(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                "open a folder of a lower layer"))
        for child in try Self.names(in: folder) { try removeForeign(child, in: folder, depth: depth + 1) }
        guard !isOwn else { return }
        if unlinkat(parent.number, cString(name), AT_REMOVEDIR) != 0 && errno != ENOTEMPTY {
            try checked(-errno, "remove a folder of a lower layer")
        }
    }

    private func own(_ file: FileHandle) throws(ImageError) {
        guard ownInodes != nil else { return }
        var facts = stat()
        try checkedErrno(fstat(file.number, &facts), "look at a file")
        ownInodes?.insert(UInt64(facts.st_ino))
    }

    private func status(of name: [UInt8], in parent: FileHandle) throws(ImageError) -> stat? {
        var facts = stat()
        if fstatat(parent.number, cString(name), &facts, AT_SYMLINK_NOFOLLOW) == 0 { return facts }
        guard errno == ENOENT else {
            throw ImageError(.invalid, "cannot look at an entry: \(systemText(errno))")
        }
        return nil
    }

    /// Owner before mode: a change of owner takes set-id bits away.
    private func apply(_ facts: EntryFacts, to file: FileHandle, _ name: EntryName) throws(ImageError) {
        try checkedErrno(fchown(file.number, facts.user, facts.group), "set the owner of \(name.text)")
        try checkedErrno(fchmod(file.number, facts.mode), "set the rights of \(name.text)")
        let times = Self.times(facts)
        try checkedErrno(futimens(file.number, times), "set the time of \(name.text)")
    }

    /// For what cannot be opened without following it: owner and time.
    private func applyByName(_ facts: EntryFacts, _ name: EntryName, in parent: FileHandle) throws(ImageError) {
        let last = cString(name.last)
        try checkedErrno(
            fchownat(parent.number, last, facts.user, facts.group, AT_SYMLINK_NOFOLLOW),
            "set the owner of \(name.text)")
        let times = Self.times(facts)
        try checkedErrno(
            utimensat(parent.number, last, times, AT_SYMLINK_NOFOLLOW), "set the time of \(name.text)")
        if ownInodes != nil, let status = try status(of: name.last, in: parent) {
            ownInodes?.insert(UInt64(status.st_ino))
        }
    }

    private static func times(_ facts: EntryFacts) -> [timespec] {
        // What file systems can keep: beyond, the kernel would clamp or refuse.
        let seconds = min(max(facts.modified, -(1 << 31)), 1 << 33)
        return [timespec](repeating: timespec(tv_sec: Int(seconds), tv_nsec: 0), count: 2)
    }

    /// What is in a folder, without `.` and `..`.
    private static func names(in folder: FileHandle) throws(ImageError) -> [[UInt8]] {
        let copy = try checkedErrno(openat(folder.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "list a folder")
        guard let stream = fdopendir(copy) else {
            close(copy)
            throw ImageError(.unavailable, "cannot list a folder")
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [46] && name != [46, 46] { names.append(name) }
        }
        return names
    }
}

/// The bytes with a zero behind; they contain none.
func cString(_ bytes: [UInt8]) -> [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }
