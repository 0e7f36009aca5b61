#ifndef ZOS_COMPANIONS_H
#define ZOS_COMPANIONS_H
#include "zos_shim.h"
#include <stdint.h>

/** Starts the shim at `path` in a session of its own, `input` as its descriptor 0, `descriptors` (close-on-exec ones
 * will do) from ZOS_SHIM_PLAN on, /dev/null as output, and nothing else. Returns its pid or -errno. The shim is a child
 * of this process and has to be reaped. The calling thread sleeps until the program runs. */
int zos_shim_spawn(const char *path, int input, const int32_t *descriptors, uint32_t count);

/** A listening SEQPACKET socket bound as `name` in the folder `directory`; 0600. However long the folder's path is. */
int zos_shim_listen(int directory, const char *name);

/** A socket of `type` (SOCK_*) connected to the socket `name` in the folder `directory`. Follows no link. If `user` is
 * not -1, whoever listens must have that user id, or the result is -EPERM. */
int zos_socket_connect(int directory, const char *name, int type, int64_t user);

/** A close-on-exec memory file that is only ever appended to, by whoever has the descriptor. */
int zos_memfd_append(const char *name);

/** The wait(2) status of a process that has ended and was reaped by anybody, from a descriptor of it (Linux 6.15).
 * 1 if known and stored, 0 if it still runs or is not reaped, -errno. */
int zos_pidfd_status(int pidfd, int32_t *status);

/** Field 22 of /proc/<pid>/stat, in clock ticks since boot; 0 if there is no such process. */
uint64_t zos_start_time(int pid);

/** Reaps a child if it has ended. 1 if so, 0 if not yet, -errno. */
int zos_reap(int pid, int32_t *status);

/** Lets one more user read and write a file, in place of any user that was let so before (a POSIX access list). */
int zos_grant(int descriptor, uint32_t user);

#endif
