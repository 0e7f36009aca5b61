import SQLite

extension DeploymentStore {
    /// Numbered; a released one never changes. A file that is newer than the program is refused on opening.
    static let migrations: [Migration] = [
        Migration(
            """
            CREATE TABLE deployment (
                twin INTEGER NOT NULL, contract INTEGER NOT NULL, accepted BLOB NOT NULL, hash TEXT NOT NULL,
                reserved TEXT NOT NULL, created INTEGER NOT NULL,
                PRIMARY KEY (twin, contract)) WITHOUT ROWID;
            CREATE TABLE workload (
                twin INTEGER NOT NULL, contract INTEGER NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL,
                type TEXT NOT NULL, version INTEGER NOT NULL, metadata TEXT NOT NULL, description TEXT NOT NULL,
                received TEXT NOT NULL, data TEXT NOT NULL, state TEXT NOT NULL, message TEXT NOT NULL,
                created INTEGER NOT NULL, result TEXT NOT NULL, plugin_state TEXT NOT NULL, exports TEXT NOT NULL,
                demands TEXT NOT NULL, capacity TEXT NOT NULL,
                PRIMARY KEY (twin, contract, name)) WITHOUT ROWID;
            CREATE TABLE shared (
                twin INTEGER NOT NULL, name TEXT NOT NULL, contract INTEGER NOT NULL,
                PRIMARY KEY (twin, name)) WITHOUT ROWID;
            CREATE TABLE history (
                sequence INTEGER PRIMARY KEY AUTOINCREMENT, twin INTEGER NOT NULL, contract INTEGER NOT NULL,
                entry TEXT NOT NULL);
            CREATE INDEX history_of ON history (twin, contract, sequence);
            CREATE TABLE job (
                id INTEGER PRIMARY KEY AUTOINCREMENT, twin INTEGER NOT NULL, contract INTEGER NOT NULL,
                kind TEXT NOT NULL, reason TEXT NOT NULL);
            CREATE TABLE step (
                id INTEGER PRIMARY KEY AUTOINCREMENT, job INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
                operation TEXT NOT NULL, name TEXT NOT NULL, target TEXT);
            CREATE INDEX step_of ON step (job, id);
            CREATE TABLE mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
            """)
    ]
}
