#define _GNU_SOURCE
#include "baseline.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

uint64_t bench_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The other end: nothing but recv and send, so it may follow a fork of a process with threads. */
static void answer(int socket, void *room, uint64_t request, uint64_t reply) {
    while (recv(socket, room, request, 0) == (ssize_t)request)
        if (send(socket, room, reply, 0) != (ssize_t)reply) break;
    _exit(0);
}

int bench_socketpair(uint64_t request, uint64_t reply, uint64_t count, uint64_t *durations) {
    int pair[2], error = 0;
    char *room = calloc(1, request > reply ? request : reply);
    if (!room) return -ENOMEM;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
        error = -errno;
        free(room);
        return error;
    }
    pid_t child = fork();
    if (child == 0) {
        close(pair[0]);
        answer(pair[1], room, request, reply);
    }
    if (child < 0) error = -errno;
    close(pair[1]);
    for (uint64_t index = 0; child > 0 && index < count && !error; index++) {
        uint64_t started = bench_now();
        if (send(pair[0], room, request, 0) != (ssize_t)request || recv(pair[0], room, reply, 0) != (ssize_t)reply)
            error = errno ? -errno : -EPIPE;
        durations[index] = bench_now() - started;
    }
    close(pair[0]);
    if (child > 0) waitpid(child, NULL, 0);
    free(room);
    return error;
}

int64_t bench_cpu_time(int pid) {
    clockid_t clock;
    struct timespec time;
    int error = clock_getcpuclockid(pid, &clock);
    if (error) return -error;
    if (clock_gettime(clock, &time)) return -errno;
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}
