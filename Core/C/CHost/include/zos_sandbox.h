#ifndef ZOS_SANDBOX_H
#define ZOS_SANDBOX_H
#include <stddef.h>
#include <stdint.h>

/** Sets real, effective and saved ids of the calling thread and drops its groups. Assumes that it is the only thread. */
int zos_set_ids(uint32_t user, uint32_t group);

/** Sets permitted and effective capabilities to exactly `granted` (bit = number), inheritable to none. */
int zos_set_capabilities(uint64_t granted);

/** Reads permitted capabilities of the calling thread; 0 on failure. */
uint64_t zos_capabilities(void);

/** Takes every capability that is not in `kept` out of the bounding set. Needs SETPCAP: before the ids change. */
int zos_bound_capabilities(uint64_t kept);

/** Keeps permitted capabilities over the next change of ids. */
int zos_keep_capabilities(void);

/** Drops all ambient capabilities. */
int zos_clear_ambient(void);

/** The signal that this process gets when the thread that started it ends. Cleared by a change of ids: set it after. */
int zos_set_parent_death_signal(int signal);

int zos_set_no_new_privileges(void);

/** prctl(2) for anything else. */
int zos_prctl(int option, uint64_t a, uint64_t b, uint64_t c, uint64_t d);

/** setrlimit(2) of the calling process, hard and soft alike. `resource` is RLIMIT_*. */
int zos_limit(int resource, uint64_t value);

/** The version of Landlock, or -errno where the kernel lacks it. */
int zos_landlock_version(void);
/** A rule set that handles these access bits (LANDLOCK_ACCESS_FS_*, _NET_*, LANDLOCK_SCOPE_*). */
int zos_landlock_create(uint64_t files, uint64_t network, uint64_t scoped);
/** Grants `access` beneath the file or folder behind `descriptor`. */
int zos_landlock_allow(int rules, uint64_t access, int descriptor);
/** Enforces it on the calling thread for good. Needs no_new_privs. */
int zos_landlock_enforce(int rules);

/** A system call that the filter handed to the supervisor. */
typedef struct zos_notification {
    uint64_t id;
    uint32_t thread; /**< in the PID namespace of the receiver */
    int32_t call;    /**< number */
    uint32_t architecture;
    uint32_t reserved;
    uint64_t arguments[6];
} zos_notification;

/** Takes the next one. Blocks; poll first. -ENOENT: its caller has gone. */
int zos_notify_receive(int listener, zos_notification *notification);
/** 1 while the caller still waits for this answer. */
int zos_notify_valid(int listener, uint64_t id);
/** Lets the call run. Only for calls judged by values, never by what a pointer leads to. */
int zos_notify_continue(int listener, uint64_t id);
/** Makes the call fail with `error` (a positive errno). */
int zos_notify_refuse(int listener, uint64_t id, int error);

/** 1 if the kernel can hand system calls to a supervisor, else 0. */
int zos_notify_supported(void);

#endif
