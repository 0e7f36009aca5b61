#ifndef SHIM_H
#define SHIM_H
#include "zos_shim.h"
#include <stddef.h>
#include <sys/types.h>

enum { MAX_TEXTS = 4096, MAX_FEW = 64 };

/** A parsed plan. Every pointer points into the plan's own buffer, which lives as long as the shim. */
typedef struct plan {
    const char *nonce, *program;
    char *arguments[MAX_TEXTS + 1], *environment[MAX_TEXTS + 1];
    size_t argument_count, environment_count;
    uint32_t cgroups[MAX_FEW];
    size_t cgroup_count;
    uint32_t uid, gid;
    uint64_t capabilities;
    uint32_t network, network_descriptor;
    uint32_t own_processes, seccomp;
    struct { uint32_t descriptor; const char *at; } mounts[MAX_FEW];
    size_t mount_count;
    struct { uint32_t resource; uint64_t value; } limits[MAX_FEW];
    size_t limit_count;
    struct { uint32_t descriptor, number; } descriptors[MAX_FEW];
    size_t descriptor_count;
    const char *hidden[MAX_FEW];
    size_t hidden_count;
} plan;

/** What went wrong: a step's name (a literal) and errno. */
typedef struct failure {
    char step[28];
    int error;
} failure;

/** Reads and checks the plan on `descriptor`; `plan` is all zero before. Returns 0, or -1 with the failure. */
int plan_read(int descriptor, plan *plan, failure *failure);

/** Starts the companion. Returns its pid and pidfd, or -1 with the failure; then nothing runs. */
pid_t companion_start(const plan *plan, int output, int *pidfd, failure *failure);

/** Attaches the detached mounts of the plan in the mount namespace of the caller, which must be its own. */
int mounts_attach(const plan *plan, failure *failure);

/** Takes the system calls away that the plan's capabilities are not for. Without further executions, tells the number of
 * the filter's listener by `notices`; the next one then waits for `filter_allow_once`. Needs no_new_privs. */
int filter_install(const plan *plan, int notices, failure *failure);

/** Lets the process behind `pidfd`, whose listener has that number, execute a program, for the last time. 0 or an errno. */
int filter_allow_once(int pidfd, int number);

/** Field 22 of /proc/<pid>/stat, or 0. */
uint64_t start_time(pid_t pid);

int failed(failure *failure, const char *step, int error);

#endif
