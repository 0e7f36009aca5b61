#define _GNU_SOURCE
#include "zos_launch.h"
#include "zos_child.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct attempt {
    const zos_launch *launch;
    zos_launched *launched;
};

/* Shares memory with the core: system calls only, no allocation, no lock, no C library function that keeps state. */
static int fail(struct attempt *attempt, int step) {
    attempt->launched->step = step;
    attempt->launched->error = errno;
    _exit(127);
}

static void default_signals(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < 65; number++) sigaction(number, &action, NULL);
}

/* Two rounds, so that no wanted descriptor is overwritten before it has been moved. */
static int place_descriptors(const zos_launch *launch) {
    int32_t moved[ZOS_LAUNCH_DESCRIPTORS_MAX];
    int count = (int)launch->descriptor_count;
    for (int index = 0; index < count; index++) {
        moved[index] = fcntl(launch->descriptors[index], F_DUPFD_CLOEXEC, ZOS_LAUNCH_DESCRIPTORS_MAX);
        if (moved[index] < 0) return -1;
    }
    for (int index = 0; index < count; index++)
        if (dup2(moved[index], index) < 0) return -1;
    return (int)syscall(SYS_close_range, count, ~0u, CLOSE_RANGE_CLOEXEC);
}

static int run(void *argument) {
    struct attempt *attempt = argument;
    const zos_launch *launch = attempt->launch;
    default_signals();
    /* "0" is the writer itself: a number would be read in the wrong PID namespace. */
    for (uint32_t index = 0; index < launch->cgroup_count; index++)
        if (write(launch->cgroups[index], "0", 1) != 1) return fail(attempt, ZOS_LAUNCH_CGROUP);
    if (launch->namespaces & CLONE_NEWNS && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return fail(attempt, ZOS_LAUNCH_PRIVATE_MOUNTS);
    if (launch->proc == ZOS_PROC_PRIVATE &&
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=2,subset=pid") < 0)
        return fail(attempt, ZOS_LAUNCH_PROC);
    if (launch->user_namespace >= 0) {
        int failure = zos_child_enter_userns(launch->user_namespace);
        errno = -failure;
        if (failure < 0) return fail(attempt, ZOS_LAUNCH_USER_NAMESPACE);
        if (unshare((int)launch->inner_namespaces) < 0) return fail(attempt, ZOS_LAUNCH_NAMESPACES);
    }
    if (place_descriptors(launch) < 0) return fail(attempt, ZOS_LAUNCH_DESCRIPTORS);
    if (chdir("/") < 0) return fail(attempt, ZOS_LAUNCH_DIRECTORY);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(launch->path, launch->arguments, launch->environment);
    return fail(attempt, ZOS_LAUNCH_EXEC);
}

int zos_launch_start(const zos_launch *launch, zos_launched *launched) {
    launched->pid = 0;
    launched->pidfd = -1;
    launched->step = ZOS_LAUNCH_DONE;
    launched->error = 0;
    if (launch->descriptor_count > ZOS_LAUNCH_DESCRIPTORS_MAX) return -E2BIG;
    struct attempt attempt = {launch, launched};
    int result = zos_child_start(run, &attempt, launch->namespaces, &launched->pid, &launched->pidfd);
    if (result < 0) {
        launched->step = ZOS_LAUNCH_CLONE;
        launched->error = -result;
        return result;
    }
    if (launched->step == ZOS_LAUNCH_DONE) return 0;
    while (waitpid(launched->pid, NULL, __WALL) < 0 && errno == EINTR) continue;
    close(launched->pidfd);
    launched->pidfd = -1;
    return -launched->error;
}
