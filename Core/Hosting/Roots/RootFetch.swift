import CHost
import Glibc
import Unpacking

/// Gets one root: fetches what its URL names, checks it, has it unpacked. Every call blocks.
struct RootFetch {
    let configuration: ImageConfiguration
    let cache: RootCache
    /// Folders of the operator that `dir://` may name.
    let folders: [String]
    /// Takes a word for the user.
    let report: @Sendable (String) -> Void

    /// What a URL names, before anything of it has been read.
    private struct Source {
        let key: RootKey
        /// The file, or the folder of a layout.
        let content: OwnedDescriptor
        /// Kept for the blocks of a flat list.
        let fetcher: UnpackProcess?
        /// Folder of the work in progress.
        let work: String
        /// What the file was when it was hashed, for files that somebody else may change.
        let facts: stat?
    }

    /// All of it. What is left of a failure goes with it, or at the next start.
    /// - Returns: the name of the content, and whether the cache did not have it.
    func run(
        _ reference: ImageReference, _ form: ImageForm, name: String
    ) throws(HostingError) -> (key: RootKey, isNew: Bool) {
        let work = try cache.begin(name)
        do {
            let source = try source(reference, form, work: work)
            let isNew = !cache.isWhole(source.key)
            if isNew {
                // A damaged one would stand in the way.
                try cache.remove(source.key.name)
                let tally = try unpack(source)
                report("keeping the root")
                try cache.commit(
                    work, as: source.key, source: reference.url, bytes: tally.bytes, entries: tally.entries)
            } else {
                try cache.discard(work)
            }
            return (source.key, isNew)
        } catch {
            try? cache.discard(work)  // the reason why there is anything left is what is worth telling
            throw error
        }
    }

    /// Fetches it, or opens it on the node, and hashes it.
    private func source(_ reference: ImageReference, _ form: ImageForm, work: String) throws(HostingError) -> Source {
        switch reference.place {
        case .web: return try fetched(reference, form, work)
        case .node:
            let content = try RootBroker.source(reference.url, folders)
            let named = form == .ociLayout ? try Self.index(of: content) : content
            var facts = stat()
            try checkedErrno(fstat(named.number, &facts), "look at \(reference.url)")
            let most = form.sourceLimit ?? configuration.rootSize
            guard facts.st_mode & S_IFMT == S_IFREG, UInt64(clamping: facts.st_size) <= most else {
                throw HostingError(.invalid, "\(reference.url) is no file of at most \(most) bytes")
            }
            let digest = try SourceDigest.of(named)
            let fetcher = form == .flatList ? try startFetcher() : nil
            return try Self.checked(
                Source(
                    key: RootKey(form: form, digest: digest), content: content, fetcher: fetcher, work: work,
                    facts: facts), reference)
        }
    }

    private static func index(of layout: OwnedDescriptor) throws(HostingError) -> OwnedDescriptor {
        let beneathWithoutLinks: UInt64 = 0x08 | 0x04
        return OwnedDescriptor(
            taking: try checkedResult(
                zos_openat2(
                    layout.number, "index.json", UInt64(O_RDONLY | O_NONBLOCK | O_CLOEXEC), 0, beneathWithoutLinks),
                "open index.json of the image"))
    }

    private static func checkedResult(_ result: Int32, _ attempt: String) throws(HostingError) -> Int32 {
        if result == -ENOENT { throw HostingError(.invalid, "cannot \(attempt): it is not there") }
        return try Hosting.checked(result, attempt)
    }

    private func startFetcher() throws(HostingError) -> UnpackProcess {
        var plan = UnpackPlan(role: .fetch, user: configuration.fetcher, limits: limits)
        plan.allowsPrivateAddresses = configuration.allowsPrivateAddresses
        plan.isWithoutLandlock = configuration.isWithoutLandlock
        return try UnpackProcess(plan, program: configuration.program)
    }

    private var limits: UnpackLimits { UnpackLimits(bytes: configuration.rootSize) }

    private func fetched(
        _ reference: ImageReference, _ form: ImageForm, _ work: String
    ) throws(HostingError) -> Source {
        report("fetching \(reference.url)")
        let fetcher = try startFetcher()
        let path = "\(work)/source"
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let isSmall = form == .flatList
        let file = OwnedDescriptor(
            taking: isSmall
                ? try Hosting.checked(zos_memfd("flat list"), "make a memory file")
                : try checkedErrno(open(path, flags, 0o600), "make \(path)"))
        let limit = form.sourceLimit ?? configuration.rootSize
        let seconds = Int(configuration.time.components.seconds)
        try fetcher.send(FetchRequest(id: 1, url: reference.url, limit: limit, seconds: seconds), file)
        try wait(for: fetcher, reference)
        var content = file
        if isSmall {
            // From here on the fetcher cannot change it.
            try Hosting.checked(zos_seal(file.number), "seal what was fetched")
        } else {
            fetcher.end()
            content = OwnedDescriptor(
                taking: try checkedErrno(open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), "open \(path)"))
        }
        let digest = try SourceDigest.of(content)
        return try Self.checked(
            Source(
                key: RootKey(form: form, digest: digest), content: content, fetcher: isSmall ? fetcher : nil,
                work: work, facts: nil), reference)
    }

    private func wait(for fetcher: UnpackProcess, _ reference: ImageReference) throws(HostingError) {
        let deadline = ContinuousClock.now + configuration.time + .seconds(30)
        while let reply = try fetcher.receive(FetchReply.self, until: deadline) {
            switch reply.outcome {
            case .receiving(let count, let total):
                let of = total.map { " of \($0 >> 20)" } ?? ""
                report("fetching \(reference.url): \(count >> 20)\(of) MiB")
            case .received: return
            case .absent: throw HostingError(.invalid, "there is no \(reference.url)")
            case .failed(let error): throw HostingError(error)
            }
        }
        throw fetcher.death()
    }

    private static func checked(_ source: Source, _ reference: ImageReference) throws(HostingError) -> Source {
        guard let wanted = reference.digest, wanted != source.key.digest else { return source }
        throw HostingError(
            .invalid, "\(reference.url) has the SHA-256 \(source.key.hex), and another one was asked for")
    }

    /// Unpacks it into `content` of the work in progress.
    private func unpack(_ source: Source) throws(HostingError) -> UnpackTally {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        func folder(_ path: String) throws(HostingError) -> OwnedDescriptor {
            OwnedDescriptor(taking: try checkedErrno(open(path, flags), "open \(path)"))
        }
        var plan = UnpackPlan(role: .unpack, user: 0, form: source.key.form, limits: limits)
        plan.isWithoutLandlock = configuration.isWithoutLandlock
        var descriptors = [
            source.content, try folder("\(source.work)/content"), try folder("\(source.work)/scratch"),
            try folder(cache.blocks),
        ]
        let nothing = OwnedDescriptor(taking: try checkedErrno(open("/dev/null", O_RDWR | O_CLOEXEC), "open /dev/null"))
        descriptors.append(source.fetcher?.socket ?? nothing)
        if source.key.form == .flatList {
            // A folder that is not there has no blocks.
            for path in folders.prefix(32) where access(path, F_OK) == 0 {
                plan.stores.append(path)
                descriptors.append(try folder(path))
            }
        }
        let namespace = OwnedDescriptor(
            taking: try Hosting.checked(
                zos_userns_new(configuration.firstOwner, UIDAllocator.rangeLength), "make a user namespace"))
        let process = try UnpackProcess(
            plan, program: configuration.program, descriptors: descriptors, userNamespace: namespace)
        let tally = try follow(process)
        process.end()
        if let facts = source.facts { try Self.checkUnchanged(source, facts) }
        return tally
    }

    private func follow(_ process: UnpackProcess) throws(HostingError) -> UnpackTally {
        let deadline = ContinuousClock.now + configuration.time
        while let message = try process.receive(UnpackReport.self, until: deadline) {
            switch message {
            case .progress(let text): report(PlainText.line(text))
            case .done(let tally): return tally
            case .failed(let error): throw HostingError(error)
            }
        }
        throw process.death()
    }

    /// A file of the operator that changed between hashing and unpacking would be kept under a wrong name.
    private static func checkUnchanged(_ source: Source, _ before: stat) throws(HostingError) {
        let named = source.key.form == .ociLayout ? try index(of: source.content) : source.content
        var now = stat()
        try checkedErrno(fstat(named.number, &now), "look at the source")
        guard now.st_ino == before.st_ino, now.st_size == before.st_size, now.st_ctim.tv_sec == before.st_ctim.tv_sec,
            now.st_ctim.tv_nsec == before.st_ctim.tv_nsec
        else { throw HostingError(.unavailable, "the source changed while it was unpacked", isRetryable: true) }
    }
}

extension HostingError {
    /// What the unpacker or a URL had to say.
    init(_ error: ImageError) {
        let code: Code =
            switch error.code {
            case .invalid, .corrupt, .tooLarge: .invalid
            case .unsupported: .unsupported
            case .denied: .denied
            case .unavailable: .unavailable
            }
        self.init(
            code, PlainText.line(error.message), hint: error.hint.map { PlainText.line($0) },
            isRetryable: error.code == .unavailable)
    }
}
