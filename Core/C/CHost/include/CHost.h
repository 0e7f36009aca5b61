#ifndef ZOS_CHOST_H
#define ZOS_CHOST_H
/* System calls that Swift cannot reach. Plain prototypes only: feature macros stay inside the .c files. */
#include <stdint.h>
#include <stddef.h>

/** Raw openat2(2). Returns a descriptor or -errno. `resolve` is RESOLVE_*; see openat2(2). */
int zos_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);

#endif
