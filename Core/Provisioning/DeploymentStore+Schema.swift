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
            """),
        Migration(
            """
            CREATE TABLE plugin_change (
                id INTEGER PRIMARY KEY AUTOINCREMENT, plugin TEXT NOT NULL, kind TEXT NOT NULL,
                from_version TEXT, to_version TEXT, to_digest TEXT, phase TEXT NOT NULL, started INTEGER NOT NULL);
            CREATE INDEX plugin_change_of ON plugin_change (plugin, id);
            CREATE TABLE plugin_change_step (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                change INTEGER NOT NULL REFERENCES plugin_change(id) ON DELETE CASCADE,
                step TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL, at INTEGER NOT NULL);
            CREATE INDEX plugin_change_step_of ON plugin_change_step (change, id);
            CREATE TABLE migrated_state (
                change INTEGER NOT NULL REFERENCES plugin_change(id) ON DELETE CASCADE, twin INTEGER NOT NULL,
                contract INTEGER NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,
                PRIMARY KEY (change, twin, contract, name)) WITHOUT ROWID;
            """),
        Migration("ALTER TABLE deployment ADD COLUMN rent INTEGER"),
    ]
}
