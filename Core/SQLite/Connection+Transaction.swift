extension Connection {
    /// Runs `body` in a transaction of its own: committed when it returns, rolled back when it throws.
    public func transaction<T>(_ body: (Connection) throws -> T) throws -> T {
        try script("BEGIN IMMEDIATE")
        do {
            let value = try body(self)
            try script("COMMIT")
            return value
        } catch {
            rollBack()
            throw error
        }
    }

    /// Runs `body` inside the open transaction so that its failure undoes only its own changes.
    public func savepoint<T>(_ body: (Connection) throws -> T) throws -> T {
        try script("SAVEPOINT one")
        do {
            let value = try body(self)
            try script("RELEASE one")
            return value
        } catch {
            // A full disk or an I/O error may have rolled everything back already; then there is nothing to undo here,
            // and whoever commits notices through `isInTransaction`.
            if isInTransaction { try script("ROLLBACK TO one; RELEASE one") }
            throw error
        }
    }

    /// Ends an open transaction without its changes.
    func rollBack() {
        // SQLite may have rolled back by itself; a failing ROLLBACK leaves nothing to do either way.
        if isInTransaction { try? script("ROLLBACK") }
    }
}
