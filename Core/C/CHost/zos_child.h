#ifndef ZOS_CHILD_H
#define ZOS_CHILD_H
#include <stdint.h>

/* Runs `body` in a child that shares this process's memory (CLONE_VM|CLONE_VFORK) while the calling thread sleeps, and
 * waits for its end. `flags` are further CLONE_*. The body may only make system calls and write to `context`. */
int zos_child_run(int (*body)(void *context), void *context, uint64_t flags);

/* As above without waiting for the end: stores pid and pidfd. */
int zos_child_start(int (*body)(void *context), void *context, uint64_t flags, int32_t *pid, int32_t *pidfd);

/* In such a child: enters the user namespace and becomes its root, keeping the capabilities there. */
int zos_child_enter_userns(int userns);

/* Raw system calls: the C library's own would tell every thread of the process that shares the memory. */
int zos_child_set_ids(uint32_t user, uint32_t group);

#endif
