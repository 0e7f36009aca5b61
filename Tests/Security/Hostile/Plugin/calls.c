/* System calls by every door that the processor has. */
#define _GNU_SOURCE
#include "hostile.h"
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *idle(void *unused) {
    for (;;) poll(NULL, 0, -1);
    return unused;
}

/* Threads until the kernel says no. */
static void thread_bomb(const struct attack *attack) {
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    int count = 0, error;
    pthread_t thread;
    while (count < 10000 && !(error = pthread_create(&thread, &small, idle, NULL))) count++;
    answer_result(attack, error ? -1 : count, error);
}

static long legacy_call(const char *request) {
#if defined(__x86_64__)
    long result = number(request, "n", 0);
    __asm__ volatile("int $0x80"
                     : "+a"(result)
                     : "b"(number(request, "n", 1)), "c"(number(request, "n", 2)), "d"(number(request, "n", 3))
                     : "memory", "r8", "r9", "r10", "r11");
    return result;
#else
    (void)request;
    return -ENOSYS;
#endif
}

static long plain_call(const char *request) {
#if defined(__x86_64__)
    /* Not through the C library: all 64 bits of the number reach the kernel. */
    register long fourth __asm__("r10") = number(request, "n", 4);
    register long fifth __asm__("r8") = number(request, "n", 5);
    register long sixth __asm__("r9") = number(request, "n", 6);
    long result = number(request, "n", 0);
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(number(request, "n", 1)), "S"(number(request, "n", 2)), "d"(number(request, "n", 3)),
                       "r"(fourth), "r"(fifth), "r"(sixth)
                     : "rcx", "r11", "memory");
    return result;
#else
    long result = syscall(number(request, "n", 0), number(request, "n", 1), number(request, "n", 2),
                          number(request, "n", 3), number(request, "n", 4), number(request, "n", 5),
                          number(request, "n", 6));
    return result < 0 ? -errno : result;
#endif
}

static void from_handler(int unused) {
    (void)unused;
    syscall(SYS_execve, "/bin/true", 0, 0);
}

/* A memory file with a program in it, then the program. */
static void run_memory_file(void) {
    int file = (int)syscall(SYS_memfd_create, "program", 0);
    if (file >= 0) syscall(SYS_execveat, file, "", 0, 0, 0x1000);
}

/* Alone on its page. */
__attribute__((noinline, used, aligned(4096), section(".victim"))) static int victim(void) { return 1; }

int attack_calls(const struct attack *attack) {
    const char *request = attack->request;
    long result;
    if (wants(request, "call")) {
        stamp();
        result = plain_call(request);
        answer_result(attack, result < 0 ? -1 : result, (int)-result);
    } else if (wants(request, "legacy call")) {
        stamp();
        result = legacy_call(request);
        answer_result(attack, result < 0 ? -1 : result, (int)-result);
    } else if (wants(request, "call from a handler")) {
        signal(SIGUSR1, from_handler);
        stamp();
        raise(SIGUSR1);
        answer(attack, "{}");
    } else if (wants(request, "library")) {
        stamp();
        result = dlopen("libBrokenLocale.so.1", RTLD_NOW) ? 0 : -1;
        answer_result(attack, result, 0);
    } else if (wants(request, "memory file")) {
        stamp();
        run_memory_file();
        answer(attack, "{}");
    } else if (wants(request, "threads")) {
        thread_bomb(attack);
    } else if (wants(request, "write code")) {
        /* Code that was mapped by the loader, made writable: allowed by the filter, and still no way to other calls. */
        uintptr_t page = (uintptr_t)victim & ~(uintptr_t)4095;
        result = mprotect((void *)page, 4096, PROT_READ | PROT_WRITE);
        int error = errno;
        if (result == 0) {
            stamp();
            result = mprotect((void *)page, 4096, PROT_READ | PROT_EXEC);
            error = errno;
        }
        answer_result(attack, result, error);
    } else {
        return 0;
    }
    return 1;
}
