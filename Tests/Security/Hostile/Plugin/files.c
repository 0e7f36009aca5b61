/* One file operation, by name. */
#define _GNU_SOURCE
#include "hostile.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static long opened(int descriptor) {
    if (descriptor < 0) return -1;
    close(descriptor);
    return 0;
}

/* Opens and moves bytes: what an open descriptor allows is tried as well. */
static long use(int at, const char *path, int flags) {
    int file = openat(at, path, flags, 0600);
    if (file < 0) return -1;
    char byte = 'x';
    ssize_t moved = (flags & O_ACCMODE) == O_RDONLY ? read(file, &byte, 1) : write(file, &byte, 1);
    int error = errno;
    close(file);
    errno = error;
    return moved < 0 ? -1 : 0;
}

static long map_code(int at, const char *path) {
    int file = openat(at, path, O_RDWR | O_CREAT, 0700);
    if (file < 0) return -1;
    if (write(file, "\xc3", 1) != 1) return -1;
    stamp();
    void *room = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
    return room == MAP_FAILED ? -1 : 0;
}

static long own_memory(void) {
    int memory = open("/proc/self/mem", O_RDWR);
    return memory < 0 ? -1 : opened(memory);
}

/* Calls the kernel directly where the C library would first look at something else. */
static long operate(const char *what, int at, const char *path, int to, const char *target) {
    if (!strcmp(what, "read")) return use(at, path, O_RDONLY);
    if (!strcmp(what, "write")) return use(at, path, O_WRONLY);
    if (!strcmp(what, "truncate")) return use(at, path, O_WRONLY | O_TRUNC);
    if (!strcmp(what, "append")) return use(at, path, O_WRONLY | O_APPEND);
    if (!strcmp(what, "create")) return use(at, path, O_WRONLY | O_CREAT);
    if (!strcmp(what, "path only")) {
        int place = openat(at, path, O_PATH);
        if (place < 0) return -1;
        char again[64];
        snprintf(again, sizeof again, "/proc/self/fd/%d", place);
        return use(AT_FDCWD, again, O_RDONLY);
    }
    if (!strcmp(what, "nameless")) return use(at, path, O_WRONLY | O_TMPFILE);
    if (!strcmp(what, "list")) return opened(openat(at, path, O_RDONLY | O_DIRECTORY));
    if (!strcmp(what, "stat")) {
        struct stat facts;
        return fstatat(at, path, &facts, 0);
    }
    if (!strcmp(what, "openat2")) {
        struct open_how how = {.flags = O_RDONLY};
        return opened((int)syscall(SYS_openat2, at, path, &how, sizeof how));
    }
    if (!strcmp(what, "make folder")) return mkdirat(at, path, 0700);
    if (!strcmp(what, "remove")) return unlinkat(at, path, 0);
    if (!strcmp(what, "remove folder")) return unlinkat(at, path, AT_REMOVEDIR);
    if (!strcmp(what, "rename")) return renameat(at, path, to, target);
    if (!strcmp(what, "exchange")) return (long)syscall(SYS_renameat2, at, path, to, target, 2);
    if (!strcmp(what, "link")) return linkat(at, path, to, target, 0);
    if (!strcmp(what, "link through")) {
        if (symlinkat(target, to, path) < 0) return -1;
        return use(to, path, O_RDONLY);
    }
    if (!strcmp(what, "write through")) {
        if (symlinkat(target, to, path) < 0) return -1;
        return use(to, path, O_WRONLY | O_CREAT | O_TRUNC);
    }
    if (!strcmp(what, "mode")) return fchmodat(at, path, 04777, 0);
    if (!strcmp(what, "own mode")) {
        int file = openat(at, path, O_RDWR | O_CREAT, 0600);
        return file < 0 ? -1 : fchmod(file, 04777);
    }
    if (!strcmp(what, "attribute")) {
        int file = openat(at, path, O_RDWR | O_CREAT, 0600);
        return file < 0 ? -1 : fsetxattr(file, target, "\1\0\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20, 0);
    }
    if (!strcmp(what, "immutable")) {
        int file = openat(at, path, O_RDWR | O_CREAT, 0600), flags = 0x10;
        return file < 0 ? -1 : ioctl(file, 0x40086602, &flags);
    }
    if (!strcmp(what, "times")) return utimensat(at, path, NULL, 0);
    if (!strcmp(what, "map code")) return map_code(at, path);
    if (!strcmp(what, "own memory")) return own_memory();
    errno = ENOTSUP;
    return -1;
}

int attack_files(const struct attack *attack) {
    char what[64], path[1024], target[1024];
    if (!wants(attack->request, "file")) return 0;
    text(attack->request, "what", what, sizeof what);
    text(attack->request, "path", path, sizeof path);
    text(attack->request, "target", target, sizeof target);
    int at = (int)number(attack->request, "at", 0), to = (int)number(attack->request, "to", 0);
    errno = 0;
    long result = operate(what, at ? at : AT_FDCWD, path, to ? to : AT_FDCWD, target);
    answer_result(attack, result, errno);
    return 1;
}
