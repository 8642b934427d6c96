#ifndef CSQLITE_H
#define CSQLITE_H

/// Has SQLite keep no statistics of its memory; to be called before SQLite is used for the first time.
///
/// The statistics take a lock of the whole process around each allocation, and nobody reads them here. Swift can't call the
/// variadic sqlite3_config itself.
/// Returns 0 (SQLITE_OK), or 21 (SQLITE_MISUSE) where SQLite was used before.
int csqlite_disable_memory_statistics(void);

#endif
