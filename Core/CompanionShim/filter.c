/* The system calls that a companion cannot make. What its signed manifest's capabilities are for stays open. */
#define _GNU_SOURCE
#include "shim.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { ARCHITECTURE = AUDIT_ARCH_X86_64, HAS_X32 = 1 };
#elif defined(__aarch64__)
enum { ARCHITECTURE = AUDIT_ARCH_AARCH64, HAS_X32 = 0 };
#else
#error "the filter knows x86-64 and arm64"
#endif

enum {
    NEVER = -1, /* no capability opens it */
    NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET,
    X32_BIT = 0x40000000,
    MAX_RULES = 256,
};

/** Calls that fail with EPERM unless the companion has the capability. */
static const struct { int call, capability; } denied[] = {
    {SYS_mount, CAP_SYS_ADMIN}, {SYS_umount2, CAP_SYS_ADMIN}, {SYS_pivot_root, CAP_SYS_ADMIN},
    {SYS_open_tree, CAP_SYS_ADMIN}, {SYS_move_mount, CAP_SYS_ADMIN}, {SYS_fsopen, CAP_SYS_ADMIN},
    {SYS_fsconfig, CAP_SYS_ADMIN}, {SYS_fsmount, CAP_SYS_ADMIN}, {SYS_fspick, CAP_SYS_ADMIN},
    {SYS_mount_setattr, CAP_SYS_ADMIN}, {SYS_setns, CAP_SYS_ADMIN}, {SYS_unshare, CAP_SYS_ADMIN},
    {SYS_quotactl, CAP_SYS_ADMIN}, {SYS_quotactl_fd, CAP_SYS_ADMIN}, {SYS_fanotify_init, CAP_SYS_ADMIN},
    {SYS_swapon, CAP_SYS_ADMIN}, {SYS_swapoff, CAP_SYS_ADMIN}, {SYS_sethostname, CAP_SYS_ADMIN},
    {SYS_setdomainname, CAP_SYS_ADMIN}, {SYS_vhangup, CAP_SYS_TTY_CONFIG}, {SYS_chroot, CAP_SYS_CHROOT},
    {SYS_reboot, CAP_SYS_BOOT}, {SYS_kexec_load, CAP_SYS_BOOT}, {SYS_kexec_file_load, CAP_SYS_BOOT},
    {SYS_init_module, CAP_SYS_MODULE}, {SYS_finit_module, CAP_SYS_MODULE}, {SYS_delete_module, CAP_SYS_MODULE},
    {SYS_bpf, CAP_BPF}, {SYS_perf_event_open, CAP_PERFMON}, {SYS_ptrace, CAP_SYS_PTRACE},
    {SYS_process_vm_readv, CAP_SYS_PTRACE}, {SYS_process_vm_writev, CAP_SYS_PTRACE}, {SYS_kcmp, CAP_SYS_PTRACE},
    {SYS_process_madvise, CAP_SYS_PTRACE}, {SYS_pidfd_getfd, CAP_SYS_PTRACE}, {SYS_acct, CAP_SYS_PACCT},
    {SYS_settimeofday, CAP_SYS_TIME}, {SYS_clock_settime, CAP_SYS_TIME}, {SYS_adjtimex, CAP_SYS_TIME},
    {SYS_clock_adjtime, CAP_SYS_TIME}, {SYS_syslog, CAP_SYSLOG}, {SYS_open_by_handle_at, CAP_DAC_READ_SEARCH},
    {SYS_lookup_dcookie, CAP_SYS_ADMIN}, {SYS_nfsservctl, CAP_SYS_ADMIN}, {SYS_migrate_pages, CAP_SYS_NICE},
    {SYS_move_pages, CAP_SYS_NICE}, {SYS_userfaultfd, NEVER}, {SYS_keyctl, NEVER}, {SYS_add_key, NEVER},
    {SYS_request_key, NEVER}, {SYS_personality, NEVER},
#if defined(__x86_64__)
    {SYS_iopl, CAP_SYS_RAWIO}, {SYS_ioperm, CAP_SYS_RAWIO}, {SYS_modify_ldt, NEVER}, {SYS_uselib, NEVER},
#endif
};

/** Programs try these and go on without: they are told that the kernel has none. `clone3` hides its flags from us. */
static const int absent[] = {SYS_clone3, SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register};

typedef struct program {
    struct sock_filter rules[MAX_RULES];
    unsigned short count;
} program;

static void add(program *program, unsigned short code, uint32_t value, unsigned char yes, unsigned char no) {
    if (program->count < MAX_RULES) program->rules[program->count++] = (struct sock_filter){code, yes, no, value};
}

static void load(program *program, size_t offset) { add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0); }
static void finish(program *program, uint32_t action) { add(program, BPF_RET | BPF_K, action, 0, 0); }

/** Ends with `action` if the value that was loaded last is `value`. */
static void when(program *program, uint32_t value, uint32_t action) {
    add(program, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    finish(program, action);
}

static int has(const plan *plan, int capability) {
    return capability != NEVER && (plan->capabilities >> capability & 1) != 0;
}

static void write_program(const plan *plan, program *program) {
    const uint32_t refuse = SECCOMP_RET_ERRNO | EPERM, unknown = SECCOMP_RET_ERRNO | ENOSYS;
    load(program, offsetof(struct seccomp_data, arch));
    add(program, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    finish(program, SECCOMP_RET_KILL_PROCESS);
    load(program, offsetof(struct seccomp_data, nr));
    if (HAS_X32) {
        /* The same calls under other numbers. */
        add(program, BPF_JMP | BPF_JSET | BPF_K, X32_BIT, 0, 1);
        finish(program, unknown);
    }
    for (size_t i = 0; i < sizeof denied / sizeof *denied; i++)
        if (!has(plan, denied[i].capability)) when(program, (uint32_t)denied[i].call, refuse);
    int isAdministrator = has(plan, CAP_SYS_ADMIN);
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        if (!isAdministrator || absent[i] != SYS_clone3) when(program, (uint32_t)absent[i], unknown);
    if (plan->seccomp == ZOS_SHIM_SECCOMP_NO_EXEC) {
        when(program, SYS_execve, SECCOMP_RET_USER_NOTIF);
        when(program, SYS_execveat, SECCOMP_RET_USER_NOTIF);
    }
    if (!isAdministrator) {
        /* Threads and children yes, namespaces no: a user namespace would bring every capability back. */
        add(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3);
        load(program, offsetof(struct seccomp_data, args[0]));
        add(program, BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 0, 1);
        finish(program, refuse);
    }
    /* Faking terminal input, in case a program hands one on. Compared as the kernel does: 32 bits. */
    load(program, offsetof(struct seccomp_data, nr));
    add(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 3);
    load(program, offsetof(struct seccomp_data, args[1]));
    add(program, BPF_JMP | BPF_JEQ | BPF_K, 0x5412 /* TIOCSTI */, 0, 1);
    finish(program, refuse);
    finish(program, SECCOMP_RET_ALLOW);
}

int filter_install(const plan *plan, int notices, failure *failure) {
    static program program;
    write_program(plan, &program);
    if (program.count == MAX_RULES) return failed(failure, "write filter", E2BIG);
    struct sock_fprog rules = {program.count, program.rules};
    unsigned long flags = plan->seccomp == ZOS_SHIM_SECCOMP_NO_EXEC ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
    int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &rules);
    if (listener < 0) return failed(failure, "install filter", errno);
    /* The listener closes itself on exec, which the shim lets through once it has a copy. */
    if (flags && write(notices, &listener, sizeof listener) != (ssize_t)sizeof listener)
        return failed(failure, "hand over filter", errno);
    return 0;
}

int filter_allow_once(int pidfd, int number) {
    int listener = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0), error = 0;
    if (listener < 0) return errno;
    struct seccomp_notif asked;
    struct seccomp_notif_resp answer;
    memset(&asked, 0, sizeof asked);
    /* The companion is about to ask; if it dies instead, the listener hangs up. */
    struct pollfd wait = {listener, POLLIN, 0};
    int result;
    do result = poll(&wait, 1, 10000);
    while (result < 0 && errno == EINTR);
    if (result != 1 || !(wait.revents & POLLIN) || ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) {
        error = result == 0 ? ETIMEDOUT : ESRCH;
    } else {
        /* Judged by nothing: it is still this program's own code that asks. */
        memset(&answer, 0, sizeof answer);
        answer.id = asked.id;
        answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) != 0) error = errno;
    }
    close(listener); /* from now on the call fails with ENOSYS */
    return error;
}
