#ifndef ZOS_FILES_H
#define ZOS_FILES_H
#include <stddef.h>
#include <stdint.h>

/** Raw openat2(2). Returns a descriptor or -errno. `resolve` is RESOLVE_*; see openat2(2). */
int zos_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);

/** fallocate(2). Assumes that the file system has it: EOPNOTSUPP otherwise, never a slow imitation. */
int zos_fallocate(int descriptor, int mode, uint64_t offset, uint64_t length);

/** A close-on-exec memory file that may be sealed and never executed by path. */
int zos_memfd(const char *name);

/** Seals a memory file for good: no write, no change of size, no further seals. Assumes that no writable mapping exists. */
int zos_seal(int descriptor);

/** syncfs(2): all of the file system that the descriptor lies on. */
int zos_sync_files(int descriptor);

/** Opens without following anything: a handle to name the file by, not to read it (O_PATH). */
int zos_open_path(const char *path);

#endif
