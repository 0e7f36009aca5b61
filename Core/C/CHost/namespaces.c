#define _GNU_SOURCE
#include "zos_namespaces.h"
#include "zos_child.h"
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int zos_setns(int descriptor, int type) { return setns(descriptor, type) < 0 ? -errno : 0; }

int zos_unshare(uint64_t flags) { return unshare((int)flags) < 0 ? -errno : 0; }

struct inside {
    int netns;
    int (*body)(void *context);
    void *context;
    int result;
};

static void *run_inside(void *argument) {
    struct inside *inside = argument;
    inside->result = setns(inside->netns, CLONE_NEWNET) < 0 ? -errno : inside->body(inside->context);
    return NULL;
}

int zos_in_namespace(int netns, int (*body)(void *context), void *context) {
    struct inside inside = {netns, body, context, 0};
    pthread_t thread;
    int failure = pthread_create(&thread, NULL, run_inside, &inside);
    if (failure != 0) return -failure;
    failure = pthread_join(thread, NULL);
    return failure != 0 ? -failure : inside.result;
}

struct wanted_socket {
    int domain, type, protocol;
};

static int open_socket(void *context) {
    const struct wanted_socket *wanted = context;
    int result = socket(wanted->domain, wanted->type | SOCK_CLOEXEC, wanted->protocol);
    return result < 0 ? -errno : result;
}

int zos_socket_in(int netns, int domain, int type, int protocol) {
    struct wanted_socket wanted = {domain, type, protocol};
    return zos_in_namespace(netns, open_socket, &wanted);
}

static int raise_loopback(void) {
    int socket_descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket_descriptor < 0) return -errno;
    struct ifreq request = {.ifr_name = "lo"};
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    int result = ioctl(socket_descriptor, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
    close(socket_descriptor);
    return result;
}

struct new_netns {
    int userns;
    int result;
};

/* Shares memory and descriptors with the caller, which sleeps meanwhile: the descriptor that it opens is the caller's. */
static int make_netns(void *argument) {
    struct new_netns *made = argument;
    if (made->userns >= 0) {
        made->result = zos_child_enter_userns(made->userns);
        if (made->result < 0) return 0;
    }
    if (unshare(CLONE_NEWNET) < 0) {
        made->result = -errno;
        return 0;
    }
    made->result = raise_loopback();
    if (made->result < 0) return 0;
    int descriptor = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    made->result = descriptor < 0 ? -errno : descriptor;
    return 0;
}

int zos_netns_new(int userns) {
    struct new_netns made = {userns, -EIO};
    int failure = zos_child_run(make_netns, &made, CLONE_FILES);
    return failure < 0 ? failure : made.result;
}

int zos_namespace_open(const char *path) {
    int result = open(path, O_RDONLY | O_CLOEXEC);
    return result < 0 ? -errno : result;
}

int zos_netns_pin(int netns, const char *path) {
    int file = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0444);
    if (file < 0) return -errno;
    close(file);
    char source[64];
    snprintf(source, sizeof source, "/proc/self/fd/%d", netns);
    if (mount(source, path, NULL, MS_BIND, NULL) == 0) return 0;
    int failure = -errno;
    unlink(path);
    return failure;
}

int zos_netns_create(const char *path) {
    int netns = zos_netns_new(-1);
    if (netns < 0) return netns;
    int result = zos_netns_pin(netns, path);
    close(netns);
    return result;
}

int zos_netns_delete(const char *path) {
    /* EINVAL: the file is there without a mount, as after a crash between the two steps of pinning. */
    if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT) return -errno;
    return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

static int wait_for_end(void *argument) {
    const int *gate = argument;
    char byte;
    /* The caller holds the other end and closes it when the maps are written. */
    while (read(gate[0], &byte, 1) < 0 && errno == EINTR) continue;
    return 0;
}

static int write_map(int pid, const char *name, uint32_t inside, uint32_t outside, uint32_t length) {
    char path[64], line[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    int count = snprintf(line, sizeof line, "%u %u %u\n", inside, outside, length);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    int result = write(file, line, (size_t)count) == count ? 0 : -errno;
    close(file);
    return result;
}

int zos_userns_new(uint32_t base, uint32_t length) { return zos_userns_map(0, base, length); }

int zos_userns_map(uint32_t inside, uint32_t outside, uint32_t length) {
    int gate[2];
    if (pipe2(gate, O_CLOEXEC) < 0) return -errno;
    /* A copy of this process, not one that shares its memory: it runs at the same time. Its copy of the writing end is
     * closed first, or it would wait for itself. */
    long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) {
        close(gate[1]);
        wait_for_end(gate);
        _exit(0);
    }
    int result = pid < 0 ? -errno : 0;
    if (pid > 0) {
        result = write_map((int)pid, "uid_map", inside, outside, length);
        if (result == 0) result = write_map((int)pid, "gid_map", inside, outside, length);
        if (result == 0) {
            char path[64];
            snprintf(path, sizeof path, "/proc/%ld/ns/user", pid);
            result = zos_namespace_open(path);
        }
    }
    close(gate[1]);
    close(gate[0]);
    if (pid > 0)
        while (waitpid((pid_t)pid, NULL, __WALL) < 0 && errno == EINTR) continue;
    return result;
}

uint64_t zos_inode(int descriptor) {
    struct stat facts;
    return fstat(descriptor, &facts) < 0 ? 0 : (uint64_t)facts.st_ino;
}
