#define _GNU_SOURCE
#include "zos_child.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STACK_SIZE = 128 * 1024, GUARD_SIZE = 4096 };

static int clone_sharing_memory(int (*body)(void *), void *context, uint64_t flags, int32_t *pidfd) {
    char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) return -errno;
    if (mprotect(stack, GUARD_SIZE, PROT_NONE) < 0) {
        int failure = -errno;
        munmap(stack, STACK_SIZE);
        return failure;
    }
    /* No handler of this process may run in the child: it would run on shared memory. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int dumpable = prctl(PR_GET_DUMPABLE);
    int child = 0;
    int wants = (int)flags | CLONE_VM | CLONE_VFORK | SIGCHLD | (pidfd ? CLONE_PIDFD : 0);
    int pid = clone(body, stack + STACK_SIZE, wants, context, pidfd ? pidfd : &child);
    int failure = pid < 0 ? -errno : pid;
    /* A change of ids in the child marks the memory that it shares with us as not dumpable. */
    if (dumpable == 1) prctl(PR_SET_DUMPABLE, 1);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    munmap(stack, STACK_SIZE);
    return failure;
}

int zos_child_start(int (*body)(void *), void *context, uint64_t flags, int32_t *pid, int32_t *pidfd) {
    *pidfd = -1;
    int result = clone_sharing_memory(body, context, flags, pidfd);
    if (result < 0) return result;
    *pid = result;
    return 0;
}

int zos_child_run(int (*body)(void *), void *context, uint64_t flags) {
    int pid = clone_sharing_memory(body, context, flags, NULL);
    if (pid < 0) return pid;
    while (waitpid(pid, NULL, __WALL) < 0)
        if (errno != EINTR) return -errno;
    return 0;
}

int zos_child_set_ids(uint32_t user, uint32_t group) {
    if (syscall(SYS_setgroups, 0, 0) < 0) return -errno;
    if (syscall(SYS_setresgid, group, group, group) < 0) return -errno;
    return syscall(SYS_setresuid, user, user, user) < 0 ? -errno : 0;
}

int zos_child_enter_userns(int userns) {
    if (setns(userns, CLONE_NEWUSER) < 0) return -errno;
    return zos_child_set_ids(0, 0);
}
