#define _GNU_SOURCE
#include "zos_sandbox.h"
#include "zos_child.h"
#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int zos_set_ids(uint32_t user, uint32_t group) { return zos_child_set_ids(user, group); }

int zos_set_capabilities(uint64_t granted) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2];
    memset(data, 0, sizeof data);
    for (int half = 0; half < 2; half++) data[half].effective = data[half].permitted = (uint32_t)(granted >> 32 * half);
    return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

uint64_t zos_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2];
    memset(data, 0, sizeof data);
    if (syscall(SYS_capget, &header, data) < 0) return 0;
    return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

int zos_bound_capabilities(uint64_t kept) {
    /* 63 is more than any kernel has: EINVAL marks the end. */
    for (uint64_t number = 0; number < 64; number++) {
        if (kept & UINT64_C(1) << number) continue;
        if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0) continue;
        return errno == EINVAL && number > 0 ? 0 : -errno;
    }
    return 0;
}

int zos_keep_capabilities(void) { return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ? -errno : 0; }

int zos_clear_ambient(void) {
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ? -errno : 0;
}

int zos_set_parent_death_signal(int signal) { return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0) < 0 ? -errno : 0; }

int zos_set_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0; }

int zos_prctl(int option, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
    int result = prctl(option, a, b, c, d);
    return result < 0 ? -errno : result;
}

int zos_limit(int resource, uint64_t value) {
    struct rlimit limit = {value, value};
    return setrlimit(resource, &limit) < 0 ? -errno : 0;
}

int zos_landlock_version(void) {
    long result = syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);
    return result < 0 ? -errno : (int)result;
}

int zos_landlock_create(uint64_t files, uint64_t network, uint64_t scoped) {
    struct {
        uint64_t files, network, scoped;
    } attributes = {files, network, scoped};
    /* Kernels that lack a member refuse it only if it is not zero; shorter sizes suit all of them. */
    size_t size = scoped ? 24 : network ? 16 : 8;
    long result = syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
    return result < 0 ? -errno : (int)result;
}

int zos_landlock_allow(int rules, uint64_t access, int descriptor) {
    struct {
        uint64_t access;
        int32_t descriptor;
    } __attribute__((packed)) rule = {access, descriptor};
    return syscall(SYS_landlock_add_rule, rules, 1 /* LANDLOCK_RULE_PATH_BENEATH */, &rule, 0) < 0 ? -errno : 0;
}

int zos_landlock_enforce(int rules) { return syscall(SYS_landlock_restrict_self, rules, 0) < 0 ? -errno : 0; }

int zos_notify_receive(int listener, zos_notification *notification) {
    /* The kernel refuses a buffer that is not zero. */
    struct seccomp_notif received;
    memset(&received, 0, sizeof received);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &received) < 0) return -errno;
    notification->id = received.id;
    notification->thread = received.pid;
    notification->call = received.data.nr;
    notification->architecture = received.data.arch;
    notification->reserved = 0;
    for (int index = 0; index < 6; index++) notification->arguments[index] = received.data.args[index];
    return 0;
}

int zos_notify_valid(int listener, uint64_t id) { return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0; }

static int respond(int listener, struct seccomp_notif_resp *response) {
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, response) < 0 ? -errno : 0;
}

int zos_notify_continue(int listener, uint64_t id) {
    struct seccomp_notif_resp response = {.id = id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    return respond(listener, &response);
}

int zos_notify_refuse(int listener, uint64_t id, int error) {
    struct seccomp_notif_resp response = {.id = id, .error = -error};
    return respond(listener, &response);
}

int zos_notify_supported(void) {
    struct seccomp_notif_sizes sizes;
    return syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0;
}
