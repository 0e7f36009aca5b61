#ifndef ZOS_NAMESPACES_H
#define ZOS_NAMESPACES_H
#include <stdint.h>

/** setns(2) for the calling thread. `type` is CLONE_NEW* or 0. Only on a thread that is nobody else's. */
int zos_setns(int descriptor, int type);

/** unshare(2) for the calling thread. Only on a thread that is nobody else's. */
int zos_unshare(uint64_t flags);

/** Runs `body` on a thread of its own inside the network namespace `netns` and returns what it returns (by
 * convention 0, a descriptor or -errno). Blocks the caller until `body` is done. The thread ends afterwards: do not
 * start processes from it that have PR_SET_PDEATHSIG. */
int zos_in_namespace(int netns, int (*body)(void *context), void *context);

/** socket(2), close-on-exec, opened inside the network namespace `netns`. */
int zos_socket_in(int netns, int domain, int type, int protocol);

/** Makes a network namespace with `lo` up and returns a descriptor of it. `userns` is the user namespace that shall
 * own it, or -1 for the caller's; in the former case the caller needs SYS_ADMIN over it. */
int zos_netns_new(int userns);

/** Opens a namespace by path, close-on-exec. */
int zos_namespace_open(const char *path);

/** Keeps the namespace `netns` alive as `path`: makes the file (0444, it must not exist) and mounts it there. The mount
 * lands in the caller's mount namespace; for others to see it the folder must be a shared mount. */
int zos_netns_pin(int netns, const char *path);

/** `zos_netns_new(-1)` pinned at `path`. */
int zos_netns_create(const char *path);

/** Takes a pinned namespace away. "Already gone" is success. What holds a descriptor keeps the namespace. */
int zos_netns_delete(const char *path);

/** Makes a user namespace that maps `length` ids from 0 on to those from `base` on, for users and groups, and returns a
 * descriptor that keeps it. Needs SETUID and SETGID. */
int zos_userns_new(uint32_t base, uint32_t length);

/** The same with ids from `inside` on, which are those from `outside` on of the caller's namespace. */
int zos_userns_map(uint32_t inside, uint32_t outside, uint32_t length);

/** Inode number of a namespace, file or directory descriptor: equal means the same namespace. 0 on failure. */
uint64_t zos_inode(int descriptor);

#endif
