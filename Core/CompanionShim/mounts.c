/* Mounts of a companion. A mount point that the host does not have is made without touching the host: the nearest
 * existing folder is covered, in the companion's mount namespace only, by an empty one that shows the same entries. */
#define _GNU_SOURCE
#include "shim.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
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

/** Makes the folders of `at` below its first `length` bytes, which are there. -1 with errno. */
static int make_folders(char *path, size_t length, const char *at) {
    while (length < strlen(at)) {
        const char *next = strchr(at + length + 1, '/');
        length = next ? (size_t)(next - at) : strlen(at);
        memcpy(path, at, length);
        path[length] = 0;
        if (mkdir(path, 0755) != 0 && errno != EEXIST) {
            int error = errno;
            /* Back to what is there, for another attempt. */
            char *slash = strrchr(path, '/');
            if (slash && slash != path) *slash = 0;
            errno = error;
            return -1;
        }
    }
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
    if (make_folders(path, strlen(path), at) == 0) return 0;
    /* Everything of the host is read only here: it cannot be made there. */
    if (errno != EROFS) return failed(failure, "make mount point", errno);
    if (cover(path, failure) != 0) return -1;
    return make_folders(path, strlen(path), at) == 0 ? 0 : failed(failure, "make mount point", errno);
}

/** Folders that hold what is nobody's business: of the host's users, of its services, of other companions. */
static const struct { const char *path, *options; } private_folders[] = {
    {"/tmp", "mode=1777,size=64m"},     {"/var/tmp", "mode=1777,size=64m"}, {"/dev/shm", "mode=1777,size=64m"},
    {"/run", "mode=0755,size=1m"},      {"/root", "mode=0755,size=64k"},    {"/home", "mode=0755,size=64k"},
    {"/srv", "mode=0755,size=64k"},     {"/boot", "mode=0755,size=64k"},
};

static int hide(const char *path, const char *options, failure *failure) {
    struct stat found;
    if (stat(path, &found) != 0) return 0; /* not there, or hidden with what holds it */
    if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, options) != 0)
        return failed(failure, "hide folder", errno);
    return 0;
}

/** The device that network devices are made with. Whoever may configure its network may make them there, and nowhere
 * else: the host's own node may be root's alone, so this one is new. */
static int make_tunnels(int devices, failure *failure) {
    if (mkdirat(devices, "net", 0755) != 0 || mknodat(devices, "net/tun", S_IFCHR | 0666, makedev(10, 200)) != 0 ||
        fchmodat(devices, "net/tun", 0666, 0) != 0)
        return failed(failure, "make tunnel device", errno);
    return 0;
}

/** Leaves of the host's devices those that anybody may have: root owns the disks, whatever its capabilities. */
static int close_devices(const plan *plan, failure *failure) {
    static const char *const kept[] = {"null", "zero", "full", "random", "urandom", "kvm"};
    static const char *const links[][2] = {
        {"/proc/self/fd", "fd"}, {"fd/0", "stdin"}, {"fd/1", "stdout"}, {"fd/2", "stderr"}};
    enum { KEPT = sizeof kept / sizeof *kept };
    int trees[KEPT], old = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (old < 0) return failed(failure, "open devices", errno);
    for (size_t i = 0; i < KEPT; i++) trees[i] = clone_tree(old, kept[i]);
    close(old);
    if (mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755,size=64k") != 0)
        return failed(failure, "hide devices", errno);
    int devices = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (devices < 0) return failed(failure, "open devices", errno);
    for (size_t i = 0; i < KEPT; i++) {
        if (trees[i] < 0) continue; /* not every host has all of them */
        if (mknodat(devices, kept[i], S_IFREG | 0600, 0) != 0 || attach(trees[i], devices, kept[i]) != 0)
            return failed(failure, "keep device", errno);
        close(trees[i]);
    }
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (symlinkat(links[i][0], devices, links[i][1]) != 0) return failed(failure, "link device", errno);
    if (mkdirat(devices, "shm", 0755) != 0) return failed(failure, "make shared memory", errno);
    if (plan->capabilities >> CAP_NET_ADMIN & 1 && make_tunnels(devices, failure) != 0) return -1;
    close(devices);
    return 0;
}

/** Makes the host read only, its processes invisible, and its private folders and those of the plan empty. */
static int close_host(const plan *plan, failure *failure) {
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
    if (syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof attributes) != 0)
        return failed(failure, "make host read only", errno);
    /* Read only as well: root owns what configures the kernel, whatever its capabilities. */
    if (mount("proc", "/proc", "proc", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=2") != 0)
        return failed(failure, "mount proc", errno);
    if (close_devices(plan, failure) != 0) return -1;
    for (size_t i = 0; i < plan->hidden_count; i++)
        if (hide(plan->hidden[i], "mode=0755,size=1m", failure) != 0) return -1;
    for (size_t i = 0; i < sizeof private_folders / sizeof *private_folders; i++)
        if (hide(private_folders[i].path, private_folders[i].options, failure) != 0) return -1;
    return 0;
}

int mounts_attach(const plan *plan, failure *failure) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return failed(failure, "private mounts", errno);
    if (close_host(plan, failure) != 0) return -1;
    for (size_t i = 0; i < plan->mount_count; i++) {
        if (point(plan->mounts[i].at, failure) != 0) return -1;
        if (attach((int)plan->mounts[i].descriptor, AT_FDCWD, plan->mounts[i].at) != 0)
            return failed(failure, "attach mount", errno);
    }
    return 0;
}
