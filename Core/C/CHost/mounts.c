#define _GNU_SOURCE
#include "zos_mounts.h"
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Numbers of linux/mount.h, which cannot be included beside sys/mount.h. */
enum {
    TREE_CLONE = 1,
    TREE_RECURSIVE = 0x8000,
    MOVE_FROM_EMPTY_PATH = 4,
    CONFIG_FLAG = 0,
    CONFIG_TEXT = 1,
    CONFIG_DESCRIPTOR = 5,
    CONFIG_CREATE = 6,
    CLOEXEC = 1,
};

static int answer(long result) { return result < 0 ? -errno : (int)result; }

int zos_open_tree(int directory, const char *path, int clone, int recursive) {
    unsigned flags = O_CLOEXEC | AT_EMPTY_PATH | (clone ? TREE_CLONE : 0) | (recursive ? TREE_RECURSIVE : 0);
    return answer(syscall(SYS_open_tree, directory, path, flags));
}

int zos_move_mount(int mount, int directory, const char *path) {
    return answer(syscall(SYS_move_mount, mount, "", directory, path, MOVE_FROM_EMPTY_PATH));
}

int zos_fs_open(const char *type) { return answer(syscall(SYS_fsopen, type, CLOEXEC)); }

int zos_fs_set_text(int configuration, const char *key, const char *value) {
    return answer(syscall(SYS_fsconfig, configuration, CONFIG_TEXT, key, value, 0));
}

int zos_fs_set_flag(int configuration, const char *key) {
    return answer(syscall(SYS_fsconfig, configuration, CONFIG_FLAG, key, NULL, 0));
}

int zos_fs_set_descriptor(int configuration, const char *key, int descriptor) {
    return answer(syscall(SYS_fsconfig, configuration, CONFIG_DESCRIPTOR, key, NULL, descriptor));
}

int zos_fs_create(int configuration) {
    return answer(syscall(SYS_fsconfig, configuration, CONFIG_CREATE, NULL, NULL, 0));
}

int zos_fs_mount(int configuration, uint32_t attributes) {
    return answer(syscall(SYS_fsmount, configuration, CLOEXEC, attributes));
}

int zos_mount_restrict(int mount, uint64_t attributes) {
    struct {
        uint64_t set, clear, propagation, user_namespace;
    } change = {attributes, 0, 0, 0};
    return answer(syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH | TREE_RECURSIVE, &change, sizeof change));
}

int zos_mount_map_ids(int mount, int userns) {
    struct {
        uint64_t set, clear, propagation, user_namespace;
    } change = {0x00100000 /* MOUNT_ATTR_IDMAP */, 0, 0, (uint64_t)userns};
    return answer(syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &change, sizeof change));
}

int zos_mount(const char *source, const char *target, const char *type, uint64_t flags, const char *options) {
    return answer(mount(source, target, type, flags, options));
}

int zos_unmount(const char *target, int flags) { return answer(umount2(target, flags)); }

int zos_mount_shared(const char *path) {
    if (mount(path, path, NULL, MS_BIND, NULL) < 0) return -errno;
    return answer(mount(NULL, path, NULL, MS_SHARED, NULL));
}
