#define _GNU_SOURCE
#include "zos_companions.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Runs in the child of vfork, on the parent's memory: system calls only, nothing of the parent's is changed. */
static _Noreturn void become_shim(const char *path, int input, int null, const int32_t *descriptors, uint32_t count,
                                  int *failure) {
    enum { HIGH = 512 };
    int copies[ZOS_SHIM_DESCRIPTORS];
    char *const arguments[] = {"zos-shim", NULL}, *const environment[] = {NULL};
    for (uint32_t i = 0; i < count; i++)
        if ((copies[i] = fcntl(descriptors[i], F_DUPFD_CLOEXEC, HIGH)) < 0) goto failed;
    if (input == 0 ? fcntl(0, F_SETFD, 0) < 0 : dup2(input, 0) < 0) goto failed;
    if (dup2(null, 1) < 0 || dup2(null, 2) < 0) goto failed;
    for (uint32_t i = 0; i < count; i++)
        if (dup2(copies[i], ZOS_SHIM_PLAN + (int)i) < 0) goto failed;
    if (syscall(SYS_close_range, ZOS_SHIM_PLAN + count, ~0u, 0) < 0) goto failed;
    /* An ignored signal stays ignored over exec. */
    signal(SIGPIPE, SIG_DFL);
    execve(path, arguments, environment);
failed:
    *failure = errno;
    _exit(127);
}

int zos_shim_spawn(const char *path, int input, const int32_t *descriptors, uint32_t count) {
    if (count > ZOS_SHIM_DESCRIPTORS) return -E2BIG;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) return -errno;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); /* no handler of ours may run in the child */
    volatile int failure = 0;
    pid_t pid = vfork();
    if (pid == 0) become_shim(path, input < 0 ? null : input, null, descriptors, count, (int *)&failure);
    int error = pid < 0 ? errno : failure;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(null);
    if (pid > 0 && error != 0) waitpid(pid, NULL, 0);
    return error != 0 ? -error : pid;
}

static int address(struct sockaddr_un *address, int directory, const char *name) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    int length = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", directory, name);
    return length < 0 || (size_t)length >= sizeof address->sun_path ? -ENAMETOOLONG : 0;
}

int zos_shim_listen(int directory, const char *name) {
    struct sockaddr_un where;
    int error = address(&where, directory, name);
    if (error != 0) return error;
    int result = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (result < 0) return -errno;
    if (unlinkat(directory, name, 0) != 0 && errno != ENOENT) goto failed;
    if (bind(result, (struct sockaddr *)&where, sizeof where) != 0) goto failed;
    if (fchmodat(directory, name, 0600, 0) != 0 || listen(result, 16) != 0) goto failed;
    return result;
failed:
    error = -errno;
    close(result);
    return error;
}

int zos_socket_connect(int directory, const char *name, int type, int64_t user) {
    struct stat facts;
    int file = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0) return -errno;
    int result = -1, error = 0;
    if (fstat(file, &facts) != 0 || !S_ISSOCK(facts.st_mode)) {
        close(file);
        return -ENOTSOCK;
    }
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    snprintf(where.sun_path, sizeof where.sun_path, "/proc/self/fd/%d", file);
    if ((result = socket(AF_UNIX, type | SOCK_CLOEXEC, 0)) < 0 ||
        connect(result, (struct sockaddr *)&where, sizeof where) != 0) {
        error = -errno;
    } else if (user >= 0) {
        struct ucred listener;
        socklen_t size = sizeof listener;
        if (getsockopt(result, SOL_SOCKET, SO_PEERCRED, &listener, &size) != 0) error = -errno;
        else if (listener.uid != (uid_t)user) error = -EPERM;
    }
    close(file);
    if (error == 0) return result;
    if (result >= 0) close(result);
    return error;
}

int zos_memfd_append(const char *name) {
    int result = memfd_create(name, MFD_CLOEXEC);
    if (result < 0) return -errno;
    if (fcntl(result, F_SETFL, O_APPEND) == 0) return result;
    int error = -errno;
    close(result);
    return error;
}

int zos_pidfd_status(int pidfd, int32_t *status) {
    /* PIDFD_GET_INFO, asking for the exit bit; the code is at byte 60 (docs/spec/plugin-runtime-facts.md 11.3). */
    union {
        uint64_t mask;
        unsigned char bytes[64];
    } info = {.mask = 8};
    if (ioctl(pidfd, 0xC040FF0Bu, &info) != 0) return -errno;
    if (!(info.mask & 8)) return 0;
    memcpy(status, info.bytes + 60, sizeof *status);
    return 1;
}

uint64_t zos_start_time(int pid) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return 0;
    text[length] = 0;
    char *at = strrchr(text, ')'); /* the name may hold anything */
    for (int field = 2; at && field < 22; field++) at = strchr(at + 1, ' ');
    return at ? strtoull(at + 1, NULL, 10) : 0;
}

int zos_reap(int pid, int32_t *status) {
    int found = 0;
    pid_t got = waitpid(pid, &found, WNOHANG);
    if (got == pid) *status = found;
    return got < 0 ? -errno : got == pid;
}

int zos_grant(int descriptor, uint32_t user) {
    enum { USER_OBJ = 1, USER = 2, GROUP_OBJ = 4, MASK = 0x10, OTHER = 0x20, NOBODY = -1 };
    struct stat facts;
    if (fstat(descriptor, &facts) != 0) return -errno;
    struct {
        uint32_t version;
        struct { uint16_t tag, permissions; uint32_t id; } entries[5];
    } list = {2, {{USER_OBJ, (facts.st_mode >> 6) & 7, (uint32_t)NOBODY}, {USER, 6, user},
                  {GROUP_OBJ, 0, (uint32_t)NOBODY}, {MASK, 6, (uint32_t)NOBODY}, {OTHER, 0, (uint32_t)NOBODY}}};
    return fsetxattr(descriptor, "system.posix_acl_access", &list, sizeof list, 0) != 0 ? -errno : 0;
}
