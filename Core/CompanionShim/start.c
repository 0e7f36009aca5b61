/* From the shim to the companion: everything between clone and exec. */
#define _GNU_SOURCE
#include "shim.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { HIGH = 512 }; /* above every number that a plan may name */

static int enter_cgroups(const plan *plan, failure *failure) {
    for (size_t i = 0; i < plan->cgroup_count; i++)
        /* "0" is the writer; a pid would be read in the wrong process namespace. */
        if (write((int)plan->cgroups[i], "0", 1) != 1) return failed(failure, "enter cgroup", errno);
    return 0;
}

static int set_limits(const plan *plan, failure *failure) {
    for (size_t i = 0; i < plan->limit_count; i++) {
        struct rlimit limit = {plan->limits[i].value, plan->limits[i].value};
        if (setrlimit((int)plan->limits[i].resource, &limit) != 0) return failed(failure, "set limit", errno);
    }
    return 0;
}

/* The order matters: plugin-runtime-facts.md section 9.2. */
static int drop_privileges(const plan *plan, failure *failure) {
    for (unsigned i = 0; i < 64; i++) {
        if (plan->capabilities >> i & 1) continue;
        if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) != 0 && errno != EINVAL) return failed(failure, "bounding set", errno);
    }
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return failed(failure, "keep capabilities", errno);
    if (setgroups(0, NULL) != 0) return failed(failure, "drop groups", errno);
    if (setresgid(plan->gid, plan->gid, plan->gid) != 0) return failed(failure, "set group", errno);
    if (setresuid(plan->uid, plan->uid, plan->uid) != 0) return failed(failure, "set user", errno);
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    uint32_t low = (uint32_t)plan->capabilities, high = (uint32_t)(plan->capabilities >> 32);
    struct __user_cap_data_struct sets[2] = {{low, low, low}, {high, high, high}};
    if (syscall(SYS_capset, &header, sets) != 0) return failed(failure, "set capabilities", errno);
    for (unsigned i = 0; plan->uid != 0 && i < 64; i++) {
        if (!(plan->capabilities >> i & 1)) continue;
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) != 0) return failed(failure, "ambient set", errno);
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed(failure, "no new privileges", errno);
    return 0;
}

/** Puts every descriptor at its number and closes all others but `report`, which closes itself on exec. */
static int place_descriptors(const plan *plan, int output, int *report, failure *failure) {
    int copies[MAX_FEW], high = fcntl(*report, F_DUPFD_CLOEXEC, HIGH);
    if (high < 0) return failed(failure, "copy descriptor", errno);
    *report = high;
    for (size_t i = 0; i < plan->descriptor_count; i++) {
        copies[i] = fcntl((int)plan->descriptors[i].descriptor, F_DUPFD_CLOEXEC, HIGH);
        if (copies[i] < 0) return failed(failure, "copy descriptor", errno);
    }
    int standard = fcntl(output, F_DUPFD_CLOEXEC, HIGH), last = 2;
    if (standard < 0) return failed(failure, "copy descriptor", errno);
    /* Number 0 is the shim's own: the input, or /dev/null. */
    if (dup2(standard, 1) < 0 || dup2(standard, 2) < 0) return failed(failure, "place output", errno);
    for (size_t i = 0; i < plan->descriptor_count; i++) {
        int number = (int)plan->descriptors[i].number;
        if (number >= HIGH) return failed(failure, "descriptor number", EINVAL);
        if (dup2(copies[i], number) < 0) return failed(failure, "place descriptor", errno);
        if (number > last) last = number;
    }
    for (int number = 3; number <= last; number++) {
        size_t i = 0;
        while (i < plan->descriptor_count && (int)plan->descriptors[i].number != number) i++;
        if (i == plan->descriptor_count) close(number);
    }
    if (syscall(SYS_close_range, last + 1, high - 1, 0) != 0 || syscall(SYS_close_range, high + 1, ~0u, 0) != 0)
        return failed(failure, "close descriptors", errno);
    return 0;
}

static int become(const plan *plan, int output, int *report, failure *failure) {
    if (setsid() < 0) return failed(failure, "new session", errno);
    if (enter_cgroups(plan, failure) != 0) return -1;
    if (mounts_attach(plan, failure) != 0) return -1;
    if (plan->network == ZOS_SHIM_NETWORK_GIVEN && setns((int)plan->network_descriptor, CLONE_NEWNET) != 0)
        return failed(failure, "enter network", errno);
    if (place_descriptors(plan, output, report, failure) != 0) return -1;
    if (set_limits(plan, failure) != 0) return -1;
    if (drop_privileges(plan, failure) != 0) return -1;
    umask(077);
    if (chdir("/") != 0) return failed(failure, "change folder", errno);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (filter_install(plan, *report, failure) != 0) return -1;
    execve(plan->program, plan->arguments, plan->environment);
    return failed(failure, "run program", errno);
}

pid_t companion_start(const plan *plan, int output, int *pidfd, failure *failure) {
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC) != 0) return failed(failure, "pipe", errno);
    struct clone_args arguments = {
        .flags = CLONE_PIDFD | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS |
                 (plan->own_processes ? CLONE_NEWPID : 0) |
                 (plan->network == ZOS_SHIM_NETWORK_EMPTY ? CLONE_NEWNET : 0),
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = SIGCHLD,
    };
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid < 0) return failed(failure, "clone", errno);
    if (pid == 0) {
        close(pipes[0]);
        become(plan, output, &pipes[1], failure);
        if (write(pipes[1], failure, sizeof *failure) < 0) _exit(126);
        _exit(127);
    }
    close(pipes[1]);
    ssize_t got = 0;
    if (plan->seccomp == ZOS_SHIM_SECCOMP_NO_EXEC) {
        /* First the number of the listener that its execution waits for, or at once what went wrong. */
        int listener = -1;
        do got = read(pipes[0], failure, sizeof *failure);
        while (got < 0 && errno == EINTR);
        if (got == (ssize_t)sizeof listener) {
            memcpy(&listener, failure, sizeof listener);
            int error = filter_allow_once(*pidfd, listener);
            /* Killed, it cannot say anything else; its parent reaps it. */
            if (error != 0) {
                syscall(SYS_pidfd_send_signal, *pidfd, SIGKILL, NULL, 0);
                close(pipes[0]);
                return failed(failure, "let program run", error);
            }
            got = 0;
        }
    }
    if (got == 0) {
        do got = read(pipes[0], failure, sizeof *failure);
        while (got < 0 && errno == EINTR);
    }
    close(pipes[0]);
    return got == 0 ? pid : -1; /* end of file: the pipe was closed by a successful exec */
}

uint64_t start_time(pid_t pid) {
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
