/// Which request goes out next (docs/decisions/0011-late-requests.md).
extension WorkerExchange {
    /// Places of the window that work on workloads leaves to questions, which users wait for.
    private var places: Int { window - window / 4 }

    /// Fills the window: questions and work by turns, each kind in its order.
    mutating func sendHeld(_ now: Instant) {
        while let index = nextHeld() {
            let next = held.remove(at: index)
            lastWasWork = next.request.subject != nil
            send(next, now: now)
        }
    }

    private func nextHeld() -> Int? {
        guard !held.isEmpty else { return nil }
        let taken = open.values.filter { !$0.isPing }
        guard taken.count < window else { return nil }
        let subjects = Set(taken.compactMap { $0.request.subject.map { Array($0.utf8) } })
        let hasPlace = taken.count { $0.request.subject != nil } < places
        var blocked = subjects
        let work =
            !hasPlace
            ? nil
            : held.firstIndex { held in
                guard let subject = held.request.subject.map({ Array($0.utf8) }) else { return false }
                // What waits for its workload makes later changes of that one wait too.
                return blocked.insert(subject).inserted
            }
        let question = held.firstIndex { $0.request.subject == nil }
        guard let work else { return question }
        guard let question else { return work }
        return lastWasWork ? question : work
    }
}
