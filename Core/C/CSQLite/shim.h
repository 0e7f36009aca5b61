#include <sqlite3.h>
/* What Swift cannot call: variadic functions and the destructor constant. */

/** sqlite3_db_config for the options that take one switch. Returns SQLite's code; `result` gets the value in force. */
static inline int zos_sqlite_switch(sqlite3 *database, int option, int on, int *result) {
    return sqlite3_db_config(database, option, on, result);
}

/** Binds a copy of `length` bytes as text. `bytes` may be null when length is 0. */
static inline int zos_sqlite_bind_text(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 length) {
    return sqlite3_bind_text64(statement, index, length ? (const char *)bytes : "", length, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/** Binds a copy of `length` bytes as a blob; an empty one stays a blob, not NULL. */
static inline int zos_sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 length) {
    return length ? sqlite3_bind_blob64(statement, index, bytes, length, SQLITE_TRANSIENT)
                  : sqlite3_bind_zeroblob(statement, index, 0);
}
