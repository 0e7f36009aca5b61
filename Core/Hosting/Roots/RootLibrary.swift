import Logging
import Unpacking

/// The roots that clients name: got once, verified, unpacked, and shared read-only by all machines that use them.
///
/// Requests for the same content share the work. What was asked for lately and what machines use is never evicted.
actor RootLibrary {
    private let configuration: ImageConfiguration
    private let cache: RootCache
    private let folders: [String]
    private let log: Logger
    private let gate = KeyedGate()
    /// Names of roots that machines use.
    private let inUse: @Sendable () -> Set<String>
    /// Roots that were found whole since the node started.
    private var verified: Set<RootKey> = []
    /// What a URL led to, and when that was known.
    private var resolved: [String: (key: RootKey, at: ContinuousClock.Instant)] = [:]
    private var lastUse: [String: ContinuousClock.Instant] = [:]
    private var serial = 0

    /// Between looking at a root and mounting it.
    private static let grace: Duration = .seconds(900)
    private static let rememberedURLs = 1024

    init(
        _ configuration: ImageConfiguration, folders: [String], log: Logger,
        inUse: @escaping @Sendable () -> Set<String>
    ) throws(HostingError) {
        self.configuration = configuration
        self.folders = folders
        self.log = log
        self.inUse = inUse
        cache = try RootCache(configuration)
    }

    /// A root, and the URL by which exactly it is named.
    struct Found: Sendable {
        let key: RootKey
        let url: String
        let content: OwnedDescriptor
    }

    /// Gets the root behind a URL.
    /// - Parameters:
    ///   - form: what the node found at a `dir://` URL that does not say it.
    ///   - report: takes words for the user while it lasts.
    func root(
        _ reference: ImageReference, form: ImageForm?, report: @escaping @Sendable (String) async -> Void
    ) async throws -> Found {
        guard let form = reference.form ?? form else {
            throw HostingError(.invalid, "\(reference.url) is a folder, which is used as it is")
        }
        if let key = RootKey.key(of: reference, form: form), let found = try await find(key, reference) { return found }
        let began = ContinuousClock.now
        let (words, speaker) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(1))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for await text in words { await report(text) } }
            defer { speaker.finish() }
            return try await self.gate.holding("url \(reference.url)") {
                // Whoever came while another one was at it takes what that one got.
                if let key = await self.outcome(of: reference, since: began),
                    let found = try await self.find(key, reference)
                {
                    return found
                }
                return try await self.get(reference, form) { speaker.yield($0) }
            }
        }
    }

    private func outcome(of reference: ImageReference, since began: ContinuousClock.Instant) -> RootKey? {
        guard let known = resolved[reference.url], known.at >= began,
            reference.digest == nil || reference.digest == known.key.digest
        else { return nil }
        return known.key
    }

    private func get(
        _ reference: ImageReference, _ form: ImageForm, report: @escaping @Sendable (String) -> Void
    ) async throws -> Found {
        serial += 1
        let (name, cache) = ("\(serial)", cache)
        let fetch = RootFetch(configuration: configuration, cache: cache, folders: folders, report: report)
        // One thread for all of it: programs end with the thread that started them.
        let (key, isNew) = try await OwnThread.run { try fetch.run(reference, form, name: name) }
        if isNew {
            verified.insert(key)
            log.notice("root unpacked", metadata: ["root": "\(key.name)"])
        }
        guard let found = try await find(key, reference) else {
            throw HostingError(.unavailable, "the root \(key.name) is gone", isRetryable: true)
        }
        remember(reference.url, key)
        try await evict()
        return found
    }

    private func remember(_ url: String, _ key: RootKey) {
        if resolved.count >= Self.rememberedURLs { resolved = [:] }
        resolved[url] = (key, .now)
    }

    /// The root in the cache, whole; one that is not is removed.
    private func find(_ key: RootKey, _ reference: ImageReference) async throws -> Found? {
        lastUse[key.name] = .now
        let cache = cache
        if !verified.contains(key) {
            let state: (isThere: Bool, isWhole: Bool) = try await OwnThread.run {
                (try cache.open(key) != nil, cache.isWhole(key))
            }
            guard state.isThere else { return nil }
            guard state.isWhole else {
                log.error("root damaged", metadata: ["root": "\(key.name)"])
                try await OwnThread.run { try cache.remove(key.name) }
                return nil
            }
            verified.insert(key)
        }
        guard let content = try await OwnThread.run({ try cache.open(key) }) else {
            verified.remove(key)
            return nil
        }
        return Found(key: key, url: key.url(of: reference), content: content)
    }

    /// Makes room. Roots that machines use, and those that were asked for lately, stay.
    private func evict() async throws {
        let recent = ContinuousClock.now - Self.grace
        lastUse = lastUse.filter { $0.value > recent }
        let kept = inUse().union(lastUse.keys)
        let cache = cache
        for name in try await OwnThread.run({ try cache.evict(keeping: kept) }) {
            verified = verified.filter { $0.name != name }
            log.notice("root evicted", metadata: ["root": "\(name)"])
        }
    }
}
