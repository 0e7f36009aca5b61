/* A plugin that keeps one file per workload in its folder, and does one thing wrong if it is told to (FAULT_…). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zos_plugin.h>

#ifndef PLUGIN_VERSION
#define PLUGIN_VERSION "1.0.0"
#endif

static int folder = -1;

/* Copies the text behind `"name":"`. The node's JSON has no blanks, and the tests' texts no escapes. */
static int text(zos_bytes request, const char *name, char *to, size_t room) {
    char key[32];
    int length = snprintf(key, sizeof key, "\"%s\":\"", name);
    const char *end = (const char *)request.pointer + request.length;
    const char *at = memmem(request.pointer, request.length, key, (size_t)length);
    if (at == NULL) return 0;
    at += length;
    const char *quote = memchr(at, '"', (size_t)(end - at));
    if (quote == NULL || (size_t)(quote - at) >= room) return 0;
    memcpy(to, at, (size_t)(quote - at));
    to[quote - at] = 0;
    return 1;
}

static void answer(zos_done done, void *token, int32_t status, const char *reply) {
    zos_bytes bytes = {(const uint8_t *)reply, strlen(reply)};
    zos_descriptors none = {NULL, 0};
    done(token, status, bytes, none);
}

static void refuse(zos_done done, void *token, int32_t status, const char *message) {
    char reply[256];
    snprintf(reply, sizeof reply, "{\"code\":\"refused\",\"message\":\"%s\"}", message);
    answer(done, token, status, reply);
}

static int32_t start(const zos_host *host, zos_bytes configuration, void **state) {
    (void)host, (void)state;
    const char *key = "\"descriptor\":";
    const char *at = memmem(configuration.pointer, configuration.length, key, strlen(key));
    if (at == NULL) return ZOS_STATUS_FAILED;
    /* `package` has one too: the folder is the one that can be written to. */
    for (; at != NULL; at = memmem(at, (size_t)((const char *)configuration.pointer + configuration.length - at), key, strlen(key))) {
        at += strlen(key);
        int number = atoi(at);
        int probe = openat(number, ".probe", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        if (probe < 0) continue;
        close(probe);
        unlinkat(number, ".probe", 0);
        folder = number;
    }
    return folder >= 0 ? 0 : ZOS_STATUS_FAILED;
}

static void provision(uint32_t operation, zos_bytes request, const char *id, zos_done done, void *token) {
    char data[64], reply[256];
    if (!text(request, "text", data, sizeof data)) {
#ifdef FAULT_CRASH
        abort();
#endif
        return refuse(done, token, ZOS_STATUS_INVALID, "the data has no short text");
    }
#ifdef FAULT_SOCKET
    socket(AF_INET, SOCK_STREAM, 0);
#endif
    (void)operation;
    int flags = O_CREAT | O_WRONLY | O_CLOEXEC;
#ifdef FAULT_TWICE
    if (operation == ZOS_OPERATION_PROVISION) flags |= O_EXCL;
#endif
    int file = openat(folder, id, flags, 0600);
    if (file < 0) return refuse(done, token, ZOS_STATUS_FAILED, strerror(errno));
#ifndef FAULT_DESCRIPTORS
    close(file);
#endif
    long number = 0;
#ifdef FAULT_RESULT
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    number = now.tv_nsec;
#endif
#ifdef FAULT_EXPORT
    const char *exports = "[{\"kind\":\"address\",\"value\":\"nobody\"}]";
#else
    const char *exports = "[]";
#endif
    snprintf(reply, sizeof reply, "{\"outcome\":\"ready\",\"result\":{\"text\":\"%s\",\"number\":%ld},\"exports\":%s}", data, number, exports);
    answer(done, token, ZOS_STATUS_OK, reply);
}

static void deprovision(const char *id, zos_done done, void *token) {
#ifndef FAULT_LEAK
    int gone = unlinkat(folder, id, 0);
#ifdef FAULT_GONE
    if (gone < 0) return refuse(done, token, ZOS_STATUS_FAILED, "there is no such file");
#endif
    (void)gone;
#endif
    (void)id;
    answer(done, token, ZOS_STATUS_OK, "{}");
}

static void handle(void *state, uint32_t operation, zos_bytes request, zos_descriptors descriptors, zos_done done, void *token) {
    (void)state, (void)descriptors;
    char id[128];
    switch (operation) {
    case ZOS_OPERATION_PROVISION:
    case ZOS_OPERATION_UPDATE:
    case ZOS_OPERATION_DEPROVISION:
        if (!text(request, "id", id, sizeof id) || strchr(id, '/') != NULL)
            return refuse(done, token, ZOS_STATUS_INVALID, "the workload has no usable id");
        if (operation == ZOS_OPERATION_DEPROVISION) return deprovision(id, done, token);
#ifdef FAULT_UPDATE
        if (operation == ZOS_OPERATION_UPDATE) return refuse(done, token, ZOS_STATUS_UNSUPPORTED, "no updates");
#endif
        return provision(operation, request, id, done, token);
    default: return refuse(done, token, ZOS_STATUS_UNSUPPORTED, "no such operation");
    }
}

static void stop(void *state) { (void)state; }

const zos_plugin *zos_plugin_entry(uint32_t host_abi) {
    static const zos_plugin plugin = {
        .size = sizeof(zos_plugin), .abi = ZOS_PLUGIN_ABI, .id = "test.kept", .version = PLUGIN_VERSION,
        .abilities = ZOS_ABILITY(ZOS_OPERATION_UPDATE), .start = start, .handle = handle, .stop = stop};
    return host_abi == ZOS_PLUGIN_ABI ? &plugin : NULL;
}
