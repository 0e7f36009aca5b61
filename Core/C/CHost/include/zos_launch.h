#ifndef ZOS_LAUNCH_H
#define ZOS_LAUNCH_H
#include <stdint.h>

/** Where a launch stopped. */
enum {
    ZOS_LAUNCH_DONE = 0,
    ZOS_LAUNCH_CLONE = 1,
    ZOS_LAUNCH_CGROUP = 2,
    ZOS_LAUNCH_PRIVATE_MOUNTS = 3,
    ZOS_LAUNCH_PROC = 4,
    ZOS_LAUNCH_DESCRIPTORS = 5,
    ZOS_LAUNCH_USER_NAMESPACE = 6,
    ZOS_LAUNCH_NAMESPACES = 7,
    ZOS_LAUNCH_DIRECTORY = 8,
    ZOS_LAUNCH_EXEC = 9,
};

/** What to do about /proc in the child's mount namespace. */
enum {
    ZOS_PROC_KEEP = 0,    /**< leave it */
    ZOS_PROC_PRIVATE = 1, /**< a new one that shows only the child's own PID namespace, and of that only processes */
};

/** A program to start in namespaces of its own (docs/spec/plugin-runtime-facts.md section 9.1, steps 4 to 10).
 * All memory is borrowed for the call. */
typedef struct zos_launch {
    const char *path;
    char *const *arguments;   /**< ends with NULL */
    char *const *environment; /**< ends with NULL */
    uint64_t namespaces;      /**< CLONE_NEW* to be made at once, owned by the caller's user namespace */
    int32_t user_namespace;   /**< a user namespace to enter as its root, or -1 */
    int32_t proc;             /**< ZOS_PROC_*; PRIVATE needs CLONE_NEWPID and CLONE_NEWNS */
    uint64_t inner_namespaces; /**< CLONE_NEW* to be made inside `user_namespace`, owned by it */
    const int32_t *cgroups;   /**< writable `tasks` or `cgroup.procs` files to enter by */
    uint32_t cgroup_count;
    uint32_t descriptor_count;
    const int32_t *descriptors; /**< the one at index n becomes n in the child; all others are closed at exec */
} zos_launch;

typedef struct zos_launched {
    int32_t pid;
    int32_t pidfd; /**< close-on-exec, the caller's; -1 on failure */
    int32_t step;  /**< ZOS_LAUNCH_*: the step that failed */
    int32_t error; /**< errno of that step */
} zos_launched;

/** The most descriptors that `zos_launch` hands over. */
enum { ZOS_LAUNCH_DESCRIPTORS_MAX = 64 };

/** Starts it. Returns 0 once the program is executing; on failure -errno with `step` and `error` set and the child
 * reaped. PR_SET_PDEATHSIG of the child will refer to the *thread* that calls this. */
int zos_launch_start(const zos_launch *launch, zos_launched *launched);

#endif
