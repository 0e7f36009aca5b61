import Contracts
import Synchronization

/// Twins as the ledger has them, remembered for a minute: accounts never change, relays seldom.
final class RelayTwins: Sendable {
    /// The three outcomes of asking.
    enum Lookup: Sendable {
        case found(Twin)
        case absent
        case unavailable(String)
    }

    private struct Entry {
        let twin: Twin
        let read: UInt64
    }

    /// Seconds. Peers write their relays when they start, and are looked for soon after.
    private static let lifetime: UInt64 = 60
    private static let sizeLimit = 1 << 14

    private let source: any TwinSource
    private let entries = Mutex<[UInt32: Entry]>([:])

    init(source: any TwinSource) { self.source = source }

    /// - Parameter now: Unix seconds.
    func twin(_ id: UInt32, at now: UInt64) async -> Lookup {
        if let entry = entries.withLock({ $0[id] }), now >= entry.read, now - entry.read < Self.lifetime {
            return .found(entry.twin)
        }
        do {
            guard let twin = try await source.twin(id) else { return .absent }
            // A twin without relay may be about to name one: whoever waits for that asks again.
            if twin.relay != nil { remember(twin, at: now) }
            return .found(twin)
        } catch {
            return .unavailable(error.message)
        }
    }

    private func remember(_ twin: Twin, at now: UInt64) {
        entries.withLock { entries in
            if entries.count >= Self.sizeLimit { entries.removeAll(keepingCapacity: true) }
            entries[twin.id] = Entry(twin: twin, read: now)
        }
    }
}
