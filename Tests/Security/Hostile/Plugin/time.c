/* What acts before the plugin is ready, beside the call that is judged, and after the end. */
#define _GNU_SOURCE
#include "hostile.h"
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
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Tests write the moment over this text in the finished object. */
static volatile const char moment[] = "moment:none____________________________";

int acts_at(const char *name) {
    size_t length = strlen(name);
    for (size_t index = 0; index < length; index++)
        if (moment[7 + index] != name[index]) return 0;
    return moment[7 + length] == '_';
}

static volatile int is_ready, go;
static int early_errno = -1;
static void *early_page;

static void violate(void) { syscall(SYS_execve, "/bin/true", 0, 0); }

static void *violate_soon(void *unused) {
    for (;;) violate();
    return unused;
}

static void *violate_when_ready(void *unused) {
    while (!is_ready) sched_yield();
    poll(NULL, 0, 50);
    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return unused;
}

static void *stay(void *unused) {
    for (;;) poll(NULL, 0, -1);
    return unused;
}

static void in_thread(void *(*body)(void *)) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, NULL) == 0) pthread_detach(thread);
}

static void send_frame(uint8_t kind, uint16_t operation, uint64_t id, const char *payload, int descriptor) {
    uint8_t frame[1024] = {0};
    uint32_t magic = 0x31534f5a, length = (uint32_t)strlen(payload);
    memcpy(frame, &magic, 4);
    frame[4] = kind;
    memcpy(frame + 6, &operation, 2);
    memcpy(frame + 8, &id, 8);
    memcpy(frame + 20, &length, 4);
    memcpy(frame + 32, payload, length);
    struct iovec part = {frame, 32 + length};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control.room;
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
    }
    sendmsg(LINK, &message, MSG_NOSIGNAL);
}

__attribute__((constructor)) static void at_load(void) {
    if (acts_at("constructor")) violate();
    if (acts_at("constructor reads")) early_errno = open("/etc/shadow", O_RDONLY) < 0 ? errno : 0;
    if (acts_at("constructor plan")) early_errno = open("/proc/self/fd/5", O_RDONLY) < 0 ? errno : 0;
    if (acts_at("constructor thread")) in_thread(violate_soon);
    if (acts_at("thread after ready")) in_thread(violate_when_ready);
    if (acts_at("thread stays")) in_thread(stay);
    if (acts_at("constructor hangs"))
        for (;;) poll(NULL, 0, -1);
    if (acts_at("constructor exits")) _exit(0);
    if (acts_at("anonymous code"))
        mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (acts_at("writable code")) {
        int object = open("/lib/x86_64-linux-gnu/libc.so.6", O_RDONLY);
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE, object, 0);
    }
    if (acts_at("code by mprotect")) {
        early_page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        mprotect(early_page, 4096, PROT_READ | PROT_EXEC);
    }
    if (acts_at("forged ready"))
        send_frame(5, 1, 0, "{\"id\":\"org.zos.network\",\"version\":\"9\",\"abi\":1,\"abilities\":0}", -1);
    if (acts_at("early ready")) {
        char text[256], id[64] = "test.plugin-";
        extern const zos_plugin *zos_plugin_entry(uint32_t);
        snprintf(id, sizeof id, "%s", zos_plugin_entry(ZOS_PLUGIN_ABI)->id);
        snprintf(text, sizeof text, "{\"id\":\"%s\",\"version\":\"1.0.0\",\"abi\":1,\"abilities\":0}", id);
        send_frame(5, 1, 0, text, -1);
        mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    if (acts_at("forged sandboxed")) {
        int pair[2];
        if (pipe(pair) == 0) send_frame(5, 4, 0, "{}", pair[0]);
    }
    if (acts_at("forged failure"))
        send_frame(5, 3, 0, "{\"code\":\"failed\",\"message\":\"\\u001b[2Jthe node is fine\"}", -1), _exit(0);
    if (acts_at("early reply")) send_frame(2, 0, 1, "{}", -1);
}

static int resolved(void) { return 0; }
static int (*resolve(void))(void) {
    if (acts_at("resolver")) {
        __asm__ volatile("syscall" : : "a"(59), "D"(0), "S"(0), "d"(0) : "rcx", "r11", "memory");
    }
    return resolved;
}
int indirect(void) __attribute__((ifunc("resolve")));

__attribute__((destructor)) static void at_unload(void) {
    if (acts_at("destructor")) violate();
}

void at_start(void) {
    indirect();
    if (acts_at("start")) violate();
    if (acts_at("start exits")) exit(0);
    is_ready = 1;
}

void at_stop(void) {
    if (acts_at("stop")) violate();
    if (acts_at("stop hangs"))
        for (;;) poll(NULL, 0, -1);
    if (acts_at("stop exits")) exit(3);
}

static void ignore(int unused) { (void)unused; }

static pthread_t target;
static void *interrupt(void *unused) {
    while (!go) sched_yield();
    for (;;) pthread_kill(target, SIGUSR2);
    return unused;
}

/* Counts in memory that the test can read after the end how long the other threads went on. */
static volatile uint64_t *counter;
static void *count_on(void *unused) {
    struct timespec now;
    for (;;) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        counter[1] = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    }
    return unused;
}

static void violate_beside(const struct attack *attack) {
    int folder = (int)number(attack->request, "descriptor", 0);
    int file = openat(folder, "counter", O_RDWR | O_CREAT, 0600);
    if (file < 0 || ftruncate(file, 4096) < 0) return;
    counter = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    in_thread(count_on);
    while (!counter[1]) sched_yield();
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    counter[0] = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    violate();
    counter[2] = 1; /* nobody gets here */
}

int attack_time(const struct attack *attack) {
    const char *request = attack->request;
    if (wants(request, "early")) {
        answer_result(attack, early_errno > 0 ? -1 : 0, early_errno);
    } else if (wants(request, "interrupted")) {
        struct sigaction action = {.sa_handler = ignore, .sa_flags = SA_RESTART};
        sigaction(SIGUSR2, &action, NULL);
        target = pthread_self();
        in_thread(interrupt);
        stamp();
        go = 1;
        for (;;) violate();
    } else if (wants(request, "masked")) {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, NULL);
        stamp();
        violate();
        answer(attack, "{}");
    } else if (wants(request, "beside")) {
        violate_beside(attack);
        answer(attack, "{}");
    } else if (wants(request, "many threads")) {
        stamp();
        for (int index = 0; index < 20; index++) in_thread(violate_soon);
        for (;;) poll(NULL, 0, -1);
    } else if (wants(request, "crash handler")) {
        struct sigaction action = {.sa_handler = (void (*)(int))violate};
        sigaction(SIGSEGV, &action, NULL);
        stamp();
        *(volatile int *)8 = 1;
    } else {
        return 0;
    }
    return 1;
}
