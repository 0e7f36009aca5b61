#define _GNU_SOURCE
#include "zos_processes.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int zos_pidfd_open(int pid) {
    int result = (int)syscall(SYS_pidfd_open, pid, 0);
    return result < 0 ? -errno : result;
}

int zos_pidfd_signal(int pidfd, int signal) {
    return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

int zos_pidfd_descriptor(int pidfd, int number) {
    int result = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
    return result < 0 ? -errno : result;
}

int zos_pidfd_wait(int pidfd, int block, zos_ended *ended) {
    siginfo_t facts;
    memset(&facts, 0, sizeof facts);
    int options = WEXITED | (block ? 0 : WNOHANG) | __WALL;
    while (waitid(3 /* P_PIDFD */, (id_t)pidfd, &facts, options) < 0)
        if (errno != EINTR) return -errno;
    if (facts.si_pid == 0) return -EAGAIN;
    int exited = facts.si_code == CLD_EXITED;
    ended->code = exited ? facts.si_status : -1;
    ended->signal = exited ? 0 : facts.si_status;
    return 0;
}

int zos_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? -errno : 0; }

int zos_kill(int pid, int signal) { return kill(pid, signal) < 0 ? -errno : 0; }

int zos_thread_id(void) { return (int)syscall(SYS_gettid); }

int zos_name_thread(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0) < 0 ? -errno : 0; }

int zos_block_signals(void) {
    sigset_t all;
    sigfillset(&all);
    return -pthread_sigmask(SIG_SETMASK, &all, NULL);
}

void zos_output_by_line(void) { setvbuf(stdout, NULL, _IOLBF, 0); }

void zos_leave(int code) {
    fflush(stdout);
    _exit(code);
}
