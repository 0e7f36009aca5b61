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

/* A pair with an answering child at its other end. Ours, or -errno. */
static int answerer(uint64_t request, uint64_t reply, void *room, pid_t *child) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) return -errno;
    *child = fork();
    if (*child == 0) {
        close(pair[0]);
        answer(pair[1], room, request, reply);
    }
    int error = *child < 0 ? -errno : 0;
    close(pair[1]);
    if (!error) return pair[0];
    close(pair[0]);
    return error;
}

/* Sends and receives with at most `window` on their way. With `durations` there is one for each, and the window is 1. */
static int exchange(uint64_t request, uint64_t reply, uint64_t window, uint64_t count, uint64_t *durations) {
    char *room = calloc(1, request > reply ? request : reply);
    if (!room) return -ENOMEM;
    pid_t child;
    int socket = answerer(request, reply, room, &child), error = socket < 0 ? socket : 0;
    uint64_t sent = 0, received = 0, started = 0;
    while (!error && received < count) {
        if (sent < count && sent - received < window) {
            if (durations) started = bench_now();
            if (send(socket, room, request, 0) != (ssize_t)request) error = errno ? -errno : -EPIPE;
            sent++;
        } else {
            if (recv(socket, room, reply, 0) != (ssize_t)reply) error = errno ? -errno : -EPIPE;
            if (durations) durations[received] = bench_now() - started;
            received++;
        }
    }
    if (socket >= 0) {
        close(socket);
        waitpid(child, NULL, 0);
    }
    free(room);
    return error;
}

int bench_socketpair(uint64_t request, uint64_t reply, uint64_t count, uint64_t *durations) {
    return exchange(request, reply, 1, count, durations);
}

int bench_pipeline(uint64_t request, uint64_t reply, uint64_t window, uint64_t count, uint64_t *duration) {
    uint64_t started = bench_now();
    int error = exchange(request, reply, window, count, NULL);
    *duration = bench_now() - started;
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
