/* The plugin that tests load: does what the request's "do" says. Macros at build time make it wrong from the start. */
#define _GNU_SOURCE
#include "zos_plugin.h"
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PLUGIN_ID
#define PLUGIN_ID "test.plugin-00000000"
#endif
#ifndef PLUGIN_VERSION
#define PLUGIN_VERSION "1.0.0"
#endif
#ifndef PLUGIN_ABI
#define PLUGIN_ABI ZOS_PLUGIN_ABI
#endif

static const zos_host *host;
static char *configuration;
/* What the abilities health and metrics answer: told by requests. */
static long sickness;
static char *figures;

struct pending {
    zos_done done;
    void *token;
    unsigned delay;
    char *text;
};

static zos_bytes bytes(const char *text) {
    zos_bytes result = {(const uint8_t *)text, strlen(text)};
    return result;
}

static void finish(zos_done done, void *token, const char *text) {
    zos_descriptors none = {0, 0};
    done(token, ZOS_STATUS_OK, bytes(text), none);
}

static long number(const char *request, const char *name, int index) {
    char key[64];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = strstr(request, key);
    if (!at) return 0;
    at += strlen(key);
    if (*at == '[') at++;
    for (; index > 0 && at; index--) {
        at = strchr(at, ',');
        if (at) at++;
    }
    return at ? (long)strtoull(at, NULL, 10) : 0;
}

static int wants(const char *request, const char *what) {
    char text[96];
    snprintf(text, sizeof text, "\"do\":\"%s\"", what);
    return strstr(request, text) != NULL;
}

static void *answer_later(void *argument) {
    struct pending *pending = argument;
    usleep(pending->delay * 1000);
    finish(pending->done, pending->token, pending->text);
    free(pending->text);
    free(pending);
    return NULL;
}

static void receive_answer(void *token, int32_t status, zos_bytes reply, zos_descriptors descriptors) {
    struct pending *pending = token;
    char *text = malloc(reply.length + 128);
    int length = sprintf(text, "{\"status\":%d,\"descriptors\":%u,\"answer\":", status, descriptors.count);
    memcpy(text + length, reply.pointer, reply.length);
    strcpy(text + length + reply.length, "}");
    finish(pending->done, pending->token, text);
    free(text);
    free(pending);
}

static void forget_answer(void *token, int32_t status, zos_bytes reply, zos_descriptors descriptors) {
    (void)token, (void)status, (void)reply, (void)descriptors;
}

static void *sleep_on(void *argument) {
    poll(NULL, 0, -1);
    return argument;
}

static int recurse(const volatile char *above) {
    volatile char room[4096];
    room[0] = above[0];
    return recurse(room) + room[0];
}

static void describe(char *text, size_t size) {
    char status[8192] = "", field[256];
    int file = open("/proc/self/status", O_RDONLY);
    if (file >= 0) {
        ssize_t count = read(file, status, sizeof status - 1);
        status[count > 0 ? count : 0] = 0;
        close(file);
    }
    size_t used = (size_t)snprintf(text, size, "{\"pid\":%d", getpid());
    const char *names[] = {"Uid", "Gid", "Groups", "CapPrm", "CapEff", "CapBnd", "CapInh", "CapAmb", "NoNewPrivs",
                           "Seccomp", "Seccomp_filters", "NSpid"};
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        char key[32];
        snprintf(key, sizeof key, "\n%s:", names[index]);
        const char *at = strstr(status, key);
        field[0] = 0;
        if (at) sscanf(at + strlen(key), "%*[ \t]%200[^\n]", field);
        for (char *tab = field; *tab; tab++) if (*tab == '\t') *tab = ' ';
        used += (size_t)snprintf(text + used, size - used, ",\"%s\":\"%s\"", names[index], field);
    }
    const char *paths[] = {"/etc/shadow", "/etc/passwd", "/root", "/", "/proc", "/tmp", "/var/lib", "/dev/kmsg",
                           "/sys/kernel", "/proc/sys/kernel/hostname", "/proc/1/environ", "/dev/null"};
    used += (size_t)snprintf(text + used, size - used, ",\"open\":{");
    for (size_t index = 0; index < sizeof paths / sizeof *paths; index++) {
        int opened = open(paths[index], O_RDONLY);
        used += (size_t)snprintf(text + used, size - used, "%s\"%s\":%d", index ? "," : "", paths[index],
                                 opened < 0 ? errno : 0);
        if (opened >= 0) close(opened);
    }
    int made = open("/tmp/zos-test-made", O_CREAT | O_WRONLY, 0600);
    used += (size_t)snprintf(text + used, size - used, ",\"create in /tmp\":%d}", made < 0 ? errno : 0);
    int others = 0;
    DIR *folder = opendir("/proc");
    if (folder) {
        for (struct dirent *entry; (entry = readdir(folder));)
            if (atoi(entry->d_name) > 1) others++;
        closedir(folder);
    }
    used += (size_t)snprintf(text + used, size - used, ",\"otherProcesses\":%d,\"environment\":\"", others);
    extern char **environ;
    for (char **variable = environ; *variable; variable++)
        used += (size_t)snprintf(text + used, size - used, "%s ", *variable);
    used += (size_t)snprintf(text + used, size - used, "\",\"descriptors\":\"");
    for (int descriptor = 0; descriptor < 64; descriptor++)
        if (fcntl(descriptor, F_GETFD) >= 0) used += (size_t)snprintf(text + used, size - used, "%d ", descriptor);
    snprintf(text + used, size - used, "\"}");
}

static void send_raw(uint32_t magic, uint8_t kind, uint64_t id, uint32_t length, size_t payload) {
    size_t size = 32 + payload;
    uint8_t *packet = calloc(1, size);
    memcpy(packet, &magic, 4);
    packet[4] = kind;
    memcpy(packet + 8, &id, 8);
    memcpy(packet + 20, &length, 4);
    send(3, packet, size, 0);
    free(packet);
}

static void use_memory(void) {
    for (;;) {
        char *room = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (room == MAP_FAILED) abort();
        memset(room, 1, 1 << 20);
    }
}

static void in_folder(const char *request, char *text, size_t size) {
    int folder = (int)number(request, "descriptor", 0);
    int made = openat(folder, "made", O_CREAT | O_RDWR, 0600);
    int wrote = made >= 0 ? (int)write(made, "x", 1) : -1;
    int kept = made >= 0 ? fallocate(made, 0, 0, 4096) : -1;
    int renamed = renameat(folder, "made", folder, "kept");
    int outside = openat(folder, "../outside", O_CREAT | O_RDWR, 0600);
    int outside_error = outside < 0 ? errno : 0;
    int executable = open("/bin/true", O_RDONLY);
    snprintf(text, size, "{\"made\":%d,\"wrote\":%d,\"kept\":%d,\"renamed\":%d,\"outside\":%d,\"executable\":%d}", made >= 0, wrote,
             kept, renamed, outside_error, executable < 0 ? errno : 0);
    if (made >= 0) close(made);
}

static void do_faults(const char *request) {
    if (wants(request, "segv")) *(volatile int *)8 = 1;
    if (wants(request, "trap")) __builtin_trap();
    if (wants(request, "abort")) abort();
    if (wants(request, "exit")) exit(7);
    if (wants(request, "recursion")) recurse(request);
    if (wants(request, "loop")) for (;;) __asm__ volatile("");
    if (wants(request, "memory")) use_memory();
    if (wants(request, "magic")) send_raw(1, 5, 0, 0, 0);
    if (wants(request, "kind")) send_raw(0x31534f5a, 9, 0, 0, 0);
    if (wants(request, "direction")) send_raw(0x31534f5a, 1, 0, 0, 0);
    if (wants(request, "length")) send_raw(0x31534f5a, 5, 0, 77, 0);
    if (wants(request, "foreign id")) send_raw(0x31534f5a, 2, 999999, 0, 0);
    if (wants(request, "huge packet")) send_raw(0x31534f5a, 5, 0, 100000, 100000);
    if (wants(request, "short packet")) send(3, "x", 1, 0);
    if (wants(request, "note")) send_raw(0x31534f5a, 5, 0, 0, 0);
    if (wants(request, "close socket")) close(3);
    if (wants(request, "reply flood")) for (;;) send_raw(0x31534f5a, 2, 12345, 0, 0);
    if (wants(request, "call flood")) for (uint64_t id = 1000;; id++) send_raw(0x31534f5a, 3, id, 0, 0);
    if (wants(request, "log flood")) for (;;) host->log(host->context, ZOS_LOG_INFO, bytes("again"));
    if (wants(request, "output flood")) for (int line = 0; line < 100000; line++) puts("again and again");
    if (wants(request, "late dlopen")) dlopen("libBrokenLocale.so.1", RTLD_NOW);
}

static void *call_often(void *unused) {
    (void)unused;
    for (int index = 0; index < 8; index++)
        host->call(host->context, bytes("test.service"), bytes("{\"request\":{}}"), (zos_descriptors){0, 0}, forget_answer, NULL);
    return NULL;
}

static void handle(void *state, uint32_t operation, zos_bytes payload, zos_descriptors descriptors, zos_done done,
                   void *token) {
    (void)state;
    char *request = strndup((const char *)payload.pointer, payload.length), text[16384];
    if (strstr(request, "\"at\":\"provision\"") && operation != ZOS_OPERATION_PROVISION) {
        finish(done, token, "{}");
        goto end;
    }
    do_faults(request);
    if (operation == ZOS_OPERATION_HEALTH && !strstr(request, "\"do\"")) {
        if (sickness < 2) finish(done, token, sickness ? "{\"healthy\":false,\"message\":\"out of sorts\"}" : "{\"healthy\":true}");
        goto end;
    }
    if (operation == ZOS_OPERATION_METRICS && !strstr(request, "\"do\"")) {
        finish(done, token, figures ? figures : "{\"metrics\":[]}");
        goto end;
    }
    if (wants(request, "sicken")) sickness = number(request, "how", 0);
    if (wants(request, "report")) {
        free(figures);
        figures = strdup(request);
    }
    if (wants(request, "nothing")) goto end;
    if (wants(request, "twice")) finish(done, token, "{}");
    if (wants(request, "refuse")) {
        zos_descriptors none = {0, 0};
        done(token, (int32_t)number(request, "status", 0), bytes("{\"code\":\"no\",\"message\":\"not today\"}"), none);
    } else if (wants(request, "later")) {
        struct pending pending = {done, token, (unsigned)number(request, "ms", 0), strdup(request)}, *copy = malloc(sizeof *copy);
        *copy = pending;
        pthread_t thread;
        pthread_create(&thread, NULL, answer_later, copy);
        pthread_detach(thread);
    } else if (wants(request, "call")) {
        struct pending *pending = calloc(1, sizeof *pending);
        pending->done = done;
        pending->token = token;
        host->call(host->context, bytes("test.service"), bytes("{\"workload\":\"7-12-data\",\"request\":{\"a\":1}}"),
                   descriptors, receive_answer, pending);
    } else if (wants(request, "not json")) {
        finish(done, token, "{");
    } else if (wants(request, "too large")) {
        char *room = malloc(5 << 20);
        memset(room, 'x', 5 << 20);
        zos_bytes reply = {(const uint8_t *)room, 5 << 20};
        zos_descriptors none = {0, 0};
        done(token, ZOS_STATUS_OK, reply, none);
        free(room);
    } else if (wants(request, "system call")) {
        errno = 0;
        long result = syscall(number(request, "n", 0), number(request, "n", 1), number(request, "n", 2),
                              number(request, "n", 3), number(request, "n", 4), number(request, "n", 5), number(request, "n", 6));
        snprintf(text, sizeof text, "{\"result\":%ld,\"errno\":%d}", result, errno);
        finish(done, token, text);
    } else if (wants(request, "describe")) {
        describe(text, sizeof text);
        finish(done, token, text);
    } else if (wants(request, "folder")) {
        in_folder(request, text, sizeof text);
        finish(done, token, text);
    } else if (wants(request, "configuration")) {
        finish(done, token, configuration);
    } else if (wants(request, "descriptors")) {
        int count = 0;
        while (dup(0) >= 0) count++;
        snprintf(text, sizeof text, "{\"count\":%d,\"errno\":%d}", count, errno);
        finish(done, token, text);
    } else if (wants(request, "threads")) {
        int count = 0;
        pthread_t thread;
        while (count < 1000 && pthread_create(&thread, NULL, sleep_on, NULL) == 0) count++;
        snprintf(text, sizeof text, "{\"count\":%d}", count);
        finish(done, token, text);
    } else if (wants(request, "calls")) {
        long count = number(request, "n", 0);
        for (long index = 0; index < count; index++)
            host->call(host->context, bytes("test.service"), bytes("{\"request\":{}}"), (zos_descriptors){0, 0}, forget_answer, NULL);
        finish(done, token, "{}");
    } else if (wants(request, "calls of threads")) {
        pthread_t threads[8];
        for (int index = 0; index < 8; index++) pthread_create(&threads[index], NULL, call_often, NULL);
        for (int index = 0; index < 8; index++) pthread_join(threads[index], NULL);
        finish(done, token, "{}");
    } else if (wants(request, "pass")) {
        done(token, ZOS_STATUS_OK, payload, descriptors);
    } else {
        done(token, ZOS_STATUS_OK, payload, (zos_descriptors){0, 0});
    }
end:
    for (uint32_t index = 0; index < descriptors.count; index++) close(descriptors.pointer[index]);
    free(request);
}

static int32_t start(const zos_host *given, zos_bytes settings, void **state) {
    (void)state;
    host = given;
    configuration = strndup((const char *)settings.pointer, settings.length);
    host->log(host->context, ZOS_LOG_NOTICE, bytes("starting"));
    puts("a line of output");
#ifdef FAILS_TO_START
    return ZOS_STATUS_FAILED;
#endif
#ifdef HANGS_IN_START
    for (;;) poll(NULL, 0, -1);
#endif
#ifdef CRASHES_IN_START
    *(volatile int *)8 = 1;
#endif
    return 0;
}

static void stop(void *state) {
    (void)state;
    puts("stopping in order");
}

#ifdef FORBIDDEN_IN_CONSTRUCTOR
__attribute__((constructor)) static void before_anything(void) { syscall(SYS_execve, 0, 0, 0); }
#endif

#ifndef ABILITIES
#define ABILITIES ZOS_ABILITY(ZOS_OPERATION_CAPACITY)
#endif

static const zos_plugin plugin = {
    sizeof(zos_plugin), PLUGIN_ABI, PLUGIN_ID, PLUGIN_VERSION, ABILITIES, start, handle, stop,
};

#ifndef NO_ENTRY
const zos_plugin *zos_plugin_entry(uint32_t abi) {
#ifdef REFUSES_EVERY_ABI
    (void)abi;
    return 0;
#else
    return abi == ZOS_PLUGIN_ABI ? &plugin : 0;
#endif
}
#endif
