/* The launch plan. Written by the node, which is trusted; checked anyway, for a shim that misreads starts something else. */
#define _GNU_SOURCE
#include "shim.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

static unsigned char buffer[ZOS_SHIM_PLAN_LIMIT];

int failed(failure *failure, const char *step, int error) {
    memset(failure, 0, sizeof *failure);
    strncpy(failure->step, step, sizeof failure->step - 1);
    failure->error = error;
    return -1;
}

static uint32_t word(const unsigned char *at) {
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/** The text that is the whole of a payload, or NULL. */
static char *text(unsigned char *payload, uint32_t length) {
    if (length == 0 || memchr(payload, 0, length) != payload + length - 1) return NULL;
    return (char *)payload;
}

static int push(char **list, size_t *count, char *item) {
    if (!item || *count >= MAX_TEXTS) return -1;
    list[(*count)++] = item;
    return 0;
}

static int take(plan *plan, uint32_t tag, unsigned char *payload, uint32_t length) {
    char *item = text(payload, length);
    switch (tag) {
    case ZOS_SHIM_TAG_NONCE:
        plan->nonce = item;
        return item && length == ZOS_SHIM_NONCE + 1 ? 0 : -1;
    case ZOS_SHIM_TAG_PROGRAM:
        plan->program = item;
        return item && item[0] == '/' ? 0 : -1;
    case ZOS_SHIM_TAG_ARGUMENT: return push(plan->arguments, &plan->argument_count, item);
    case ZOS_SHIM_TAG_ENVIRONMENT: return push(plan->environment, &plan->environment_count, item);
    case ZOS_SHIM_TAG_CGROUP:
        if (length != 4 || plan->cgroup_count >= MAX_FEW) return -1;
        plan->cgroups[plan->cgroup_count++] = word(payload);
        return 0;
    case ZOS_SHIM_TAG_USER:
        if (length != 8) return -1;
        plan->uid = word(payload);
        plan->gid = word(payload + 4);
        return 0;
    case ZOS_SHIM_TAG_CAPABILITIES:
        if (length != 8) return -1;
        plan->capabilities = word(payload) | (uint64_t)word(payload + 4) << 32;
        return 0;
    case ZOS_SHIM_TAG_NETWORK:
        if (length != 8 || word(payload) > ZOS_SHIM_NETWORK_GIVEN) return -1;
        plan->network = word(payload);
        plan->network_descriptor = word(payload + 4);
        return 0;
    case ZOS_SHIM_TAG_PROCESSES:
        if (length != 4) return -1;
        plan->own_processes = word(payload);
        return 0;
    case ZOS_SHIM_TAG_HIDE:
        if (!item || item[0] != '/' || plan->hidden_count >= MAX_FEW) return -1;
        plan->hidden[plan->hidden_count++] = item;
        return 0;
    case ZOS_SHIM_TAG_SECCOMP:
        if (length != 4 || word(payload) > ZOS_SHIM_SECCOMP_NO_EXEC) return -1;
        plan->seccomp = word(payload);
        return 0;
    case ZOS_SHIM_TAG_MOUNT: {
        char *at = length > 4 ? text(payload + 4, length - 4) : NULL;
        if (!at || at[0] != '/' || plan->mount_count >= MAX_FEW) return -1;
        plan->mounts[plan->mount_count].descriptor = word(payload);
        plan->mounts[plan->mount_count++].at = at;
        return 0;
    }
    case ZOS_SHIM_TAG_LIMIT:
        if (length != 12 || plan->limit_count >= MAX_FEW) return -1;
        plan->limits[plan->limit_count].resource = word(payload);
        plan->limits[plan->limit_count++].value = word(payload + 4) | (uint64_t)word(payload + 8) << 32;
        return 0;
    case ZOS_SHIM_TAG_DESCRIPTOR:
        if (length != 8 || plan->descriptor_count >= MAX_FEW || word(payload + 4) < 3) return -1;
        plan->descriptors[plan->descriptor_count].descriptor = word(payload);
        plan->descriptors[plan->descriptor_count++].number = word(payload + 4);
        return 0;
    default: return -1;
    }
}

int plan_read(int descriptor, plan *plan, failure *failure) {
    size_t size = 0;
    /* `plan` is static and so all zero; clearing its lists would only make every shim 64 KiB larger. */
    plan->uid = plan->gid = UINT32_MAX; /* a plan without a user must not mean root */
    for (;;) {
        ssize_t got = pread(descriptor, buffer + size, sizeof buffer - size, (off_t)size);
        if (got < 0) return failed(failure, "read plan", errno);
        if (got == 0 || size + (size_t)got == sizeof buffer) {
            size += (size_t)got;
            break;
        }
        size += (size_t)got;
    }
    if (size < 8 || word(buffer) != ZOS_SHIM_MAGIC || word(buffer + 4) != size)
        return failed(failure, "plan header", EBADMSG);
    for (size_t at = 8; at < size;) {
        if (size - at < 8) return failed(failure, "plan record", EBADMSG);
        uint32_t tag = word(buffer + at), length = word(buffer + at + 4);
        at += 8;
        if (length > size - at) return failed(failure, "plan record", EBADMSG);
        if (take(plan, tag, buffer + at, length) != 0) return failed(failure, "plan payload", EBADMSG);
        size_t padded = (length + (size_t)3) & ~(size_t)3;
        if (padded > size - at) return failed(failure, "plan padding", EBADMSG);
        at += padded;
    }
    if (!plan->nonce || !plan->program || plan->argument_count == 0 || plan->uid == UINT32_MAX)
        return failed(failure, "plan incomplete", EBADMSG);
    return 0;
}
