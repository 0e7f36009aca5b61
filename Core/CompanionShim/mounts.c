/* Mounts of a companion. A mount point that the host does not have is made without touching the host: the nearest
 * existing folder is covered, in the companion's mount namespace only, by an empty one that shows the same entries. */
#define _GNU_SOURCE
#include "shim.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_ENTRIES = 512 };

static int clone_tree(int directory, const char *path) {
    return (int)syscall(SYS_open_tree, directory, path,
                        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW);
}

static int attach(int tree, int directory, const char *path) {
    return (int)syscall(SYS_move_mount, tree, "", directory, path, MOVE_MOUNT_F_EMPTY_PATH);
}

/** Covers the folder `path` by a tmpfs with the same entries. */
static int cover(const char *path, failure *failure) {
    static struct { char name[NAME_MAX + 1]; int tree; mode_t mode; } entries[MAX_ENTRIES];
    size_t count = 0;
    DIR *folder = opendir(path);
    if (!folder) return failed(failure, "open mount parent", errno);
    struct stat own;
    if (fstat(dirfd(folder), &own) != 0) return failed(failure, "stat mount parent", errno);
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (count == MAX_ENTRIES) return failed(failure, "mount parent is too large", E2BIG);
        struct stat found;
        if (fstatat(dirfd(folder), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0) continue; /* gone meanwhile */
        strcpy(entries[count].name, entry->d_name);
        entries[count].mode = found.st_mode;
        entries[count].tree = S_ISLNK(found.st_mode) ? -1 : clone_tree(dirfd(folder), entry->d_name);
        /* What cannot be cloned is left out: the companion sees less, never more. */
        if (S_ISLNK(found.st_mode) || entries[count].tree >= 0) count++;
    }
    char mode[64];
    snprintf(mode, sizeof mode, "mode=%o,uid=%u,gid=%u,size=1m", own.st_mode & 07777, own.st_uid, own.st_gid);
    if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, mode) != 0)
        return failed(failure, "cover mount parent", errno);
    int covered = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (covered < 0) return failed(failure, "open cover", errno);
    for (size_t i = 0; i < count; i++) {
        const char *name = entries[i].name;
        if (S_ISLNK(entries[i].mode)) {
            char target[PATH_MAX];
            ssize_t length = readlinkat(dirfd(folder), name, target, sizeof target - 1);
            if (length < 0) continue; /* gone meanwhile */
            target[length] = 0;
            if (symlinkat(target, covered, name) != 0) return failed(failure, "link in cover", errno);
            continue;
        }
        int made = S_ISDIR(entries[i].mode) ? mkdirat(covered, name, 0755) : mknodat(covered, name, S_IFREG | 0600, 0);
        if (made != 0 || attach(entries[i].tree, covered, name) != 0) return failed(failure, "fill cover", errno);
        close(entries[i].tree);
    }
    close(covered);
    closedir(folder);
    return 0;
}

/** Makes sure that the folder `at` exists in this mount namespace. */
static int point(const char *at, failure *failure) {
    char path[PATH_MAX];
    if (strlen(at) >= sizeof path) return failed(failure, "mount point", ENAMETOOLONG);
    strcpy(path, at);
    struct stat found;
    if (stat(path, &found) == 0) return 0;
    for (;;) { /* the nearest existing ancestor */
        char *slash = strrchr(path, '/');
        if (!slash) return failed(failure, "mount point", EINVAL);
        if (slash == path) return failed(failure, "mount point below /", ENOENT);
        *slash = 0;
        if (stat(path, &found) == 0) break;
    }
    if (cover(path, failure) != 0) return -1;
    for (size_t length = strlen(path); length < strlen(at);) {
        const char *next = strchr(at + length + 1, '/');
        length = next ? (size_t)(next - at) : strlen(at);
        memcpy(path, at, length);
        path[length] = 0;
        if (mkdir(path, 0755) != 0 && errno != EEXIST) return failed(failure, "make mount point", errno);
    }
    return 0;
}

int mounts_attach(const plan *plan, failure *failure) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return failed(failure, "private mounts", errno);
    if (plan->own_processes &&
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=2") != 0)
        return failed(failure, "mount proc", errno);
    for (size_t i = 0; i < plan->mount_count; i++) {
        if (point(plan->mounts[i].at, failure) != 0) return -1;
        if (attach((int)plan->mounts[i].descriptor, AT_FDCWD, plan->mounts[i].at) != 0)
            return failed(failure, "attach mount", errno);
    }
    return 0;
}
