#ifndef ZOS_MOUNTS_H
#define ZOS_MOUNTS_H
#include <stdint.h>

/** open_tree(2): with `clone` a detached bind mount of `path`, recursive if `recursive`. */
int zos_open_tree(int directory, const char *path, int clone, int recursive);

/** Attaches a detached mount at `path`, or moves one. */
int zos_move_mount(int mount, int directory, const char *path);

/** fsopen(2): a configuration of a new mount of that file system type. */
int zos_fs_open(const char *type);
int zos_fs_set_text(int configuration, const char *key, const char *value);
int zos_fs_set_flag(int configuration, const char *key);
int zos_fs_set_descriptor(int configuration, const char *key, int descriptor);
/** Makes the file system. */
int zos_fs_create(int configuration);
/** A detached mount of it; `attributes` are MOUNT_ATTR_*. Gone when the descriptor is closed, unless attached. */
int zos_fs_mount(int configuration, uint32_t attributes);

/** Turns attributes (MOUNT_ATTR_*: 1 read-only, 2 nosuid, 4 nodev, 8 noexec) on for a mount, recursively. */
int zos_mount_restrict(int mount, uint64_t attributes);

/** Shows the owners of a detached mount by the map of a user namespace: what is `outside` on disk is `inside` here. */
int zos_mount_map_ids(int mount, int userns);

/** mount(2). NULL is allowed where it is there. */
int zos_mount(const char *source, const char *target, const char *type, uint64_t flags, const char *options);

/** umount2(2). */
int zos_unmount(const char *target, int flags);

/** Makes `path` a mount point that shares what is mounted below it with other mount namespaces. */
int zos_mount_shared(const char *path);

#endif
