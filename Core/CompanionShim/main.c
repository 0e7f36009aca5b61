/* The shim of one companion: starts it, keeps its pidfd, output and exit status, and outlives the node. */
#define _GNU_SOURCE
#include "shim.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* SwiftPM links every executable with the Swift runtime's start-up object. These two are all that it asks for; being
 * here they keep the runtime itself out of this static program. */
void swift_addNewDSOImage(const void *image);
void swift_addNewDSOImage(const void *image) { (void)image; }
_Bool _swift_backtrace_isThunkFunction(const char *name);
_Bool _swift_backtrace_isThunkFunction(const char *name) { (void)name; return 0; }

/* How often a shim whose companion has ended looks whether anybody can still ask for it, in milliseconds. */
enum { MAX_PEERS = 8, LOOK_AROUND = 5000 };

static plan the_plan;
static zos_shim_report report = {.magic = ZOS_SHIM_MAGIC};
static uint64_t started;
static int peers[MAX_PEERS], pidfd = -1;
static size_t peer_count;

static uint64_t milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/** Sends the report with the pidfd and the output. Returns -1 if the peer is gone or does not read. */
static int tell(int peer) {
    if (report.state == ZOS_SHIM_RUNNING) report.uptime = milliseconds() - started;
    int descriptors[2] = {ZOS_SHIM_OUTPUT, pidfd};
    size_t size = sizeof(int) * (pidfd >= 0 ? 2 : 1);
    char control[CMSG_SPACE(sizeof descriptors)] = {0};
    struct iovec bytes = {&report, sizeof report};
    struct msghdr message = {
        .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(size)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(header), descriptors, size);
    return sendmsg(peer, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof report ? 0 : -1;
}

/** Writes `nonce pid start status`, so that the end is known even if nobody can ask any more. */
static void write_status(void) {
    char line[128];
    int length = snprintf(line, sizeof line, "%.*s %d %llu %d %llu\n", (int)ZOS_SHIM_NONCE, report.nonce, report.pid,
                          (unsigned long long)report.start_time, report.status, (unsigned long long)report.uptime);
    int file = openat(ZOS_SHIM_FOLDER, "status.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return; /* the folder is gone or full: the control socket still tells */
    if (write(file, line, (size_t)length) == length && fsync(file) == 0 &&
        renameat(ZOS_SHIM_FOLDER, "status.new", ZOS_SHIM_FOLDER, "status") == 0)
        fsync(ZOS_SHIM_FOLDER);
    close(file);
}

static void drop_peer(size_t i) {
    close(peers[i]);
    peers[i] = peers[--peer_count];
}

static void reap(void) {
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid <= 0) return;
        if (pid != report.pid || report.state != ZOS_SHIM_RUNNING) continue; /* a grandchild that lost its parent */
        report.uptime = milliseconds() - started;
        report.status = status;
        report.state = ZOS_SHIM_EXITED;
        write_status();
        for (size_t i = 0; i < peer_count;)
            if (tell(peers[i]) == 0) i++;
            else drop_peer(i);
    }
}

static void accept_peer(void) {
    int peer = accept4(ZOS_SHIM_CONTROL, NULL, NULL, SOCK_CLOEXEC);
    if (peer < 0) return;
    struct ucred who;
    socklen_t size = sizeof who;
    if (getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0 || who.uid != getuid() ||
        peer_count == MAX_PEERS) {
        close(peer);
        return;
    }
    peers[peer_count++] = peer;
}

/** Serves one request. Returns 1 if the shim shall end, -1 if the peer is to be dropped. */
static int serve(int peer) {
    zos_shim_request request;
    ssize_t got = recv(peer, &request, sizeof request, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (got != (ssize_t)sizeof request || request.magic != ZOS_SHIM_MAGIC) return -1;
    if (request.operation == ZOS_SHIM_QUERY) return tell(peer);
    if (request.operation == ZOS_SHIM_FORGET) return report.state == ZOS_SHIM_RUNNING ? 0 : 1;
    return -1;
}

static void start(void) {
    failure failure = {0};
    report.state = ZOS_SHIM_NOT_STARTED;
    if (plan_read(ZOS_SHIM_PLAN, &the_plan, &failure) == 0) {
        memcpy(report.nonce, the_plan.nonce, ZOS_SHIM_NONCE);
        started = milliseconds();
        report.pid = companion_start(&the_plan, ZOS_SHIM_OUTPUT, &pidfd, &failure);
    }
    if (report.pid > 0) {
        report.state = ZOS_SHIM_RUNNING;
        report.start_time = start_time(report.pid);
    } else {
        report.pid = 0;
        report.error = failure.error;
        memcpy(report.step, failure.step, sizeof report.step);
        if (pidfd >= 0) close(pidfd);
        pidfd = -1;
    }
    /* The companion holds its descriptors now; a copy here would keep links and mounts alive after it. */
    close(ZOS_SHIM_PLAN);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) dup2(null, 0);
    if (pidfd >= 0) pidfd = dup3(pidfd, ZOS_SHIM_PLAN, O_CLOEXEC);
    syscall(SYS_close_range, ZOS_SHIM_FIRST, ~0u, 0);
}

/** Whether nobody can acknowledge the companion's end any more: the control socket's name is gone and nobody is connected. */
static int is_forgotten(void) {
    struct stat facts;
    return report.state != ZOS_SHIM_RUNNING && peer_count == 0 &&
           fstatat(ZOS_SHIM_FOLDER, "control", &facts, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
}

int main(void) {
    setsid();
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    prctl(PR_SET_NAME, "zos-shim", 0, 0, 0);
    sigset_t all, child;
    sigfillset(&all); /* nobody but SIGKILL ends the shim before its companion */
    sigprocmask(SIG_SETMASK, &all, NULL);
    start();
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    int signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0) return 1;
    for (;;) {
        struct pollfd waits[2 + MAX_PEERS] = {{signals, POLLIN, 0}, {ZOS_SHIM_CONTROL, POLLIN, 0}};
        for (size_t i = 0; i < peer_count; i++) waits[2 + i] = (struct pollfd){peers[i], POLLIN, 0};
        size_t known = peer_count;
        int happened = poll(waits, 2 + known, report.state == ZOS_SHIM_RUNNING ? -1 : LOOK_AROUND);
        if (happened < 0 && errno != EINTR) return 1;
        if (happened == 0 && is_forgotten()) return 0;
        struct signalfd_siginfo ignored;
        while (read(signals, &ignored, sizeof ignored) > 0) {}
        /* Peers backwards: dropping one puts the last, already served, in its place. */
        for (size_t i = known; i-- > 0;) {
            if (!waits[2 + i].revents) continue;
            int result = serve(peers[i]);
            if (result > 0) return 0;
            if (result < 0) drop_peer(i);
        }
        if (waits[1].revents) accept_peer();
        reap();
    }
}
