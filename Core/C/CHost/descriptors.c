#define _GNU_SOURCE
#include "zos_descriptors.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

int zos_packet_pair(int32_t pair[2]) {
    int made[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, made) < 0) return -errno;
    pair[0] = made[0];
    pair[1] = made[1];
    return 0;
}

int zos_pipe(int32_t pair[2]) {
    int made[2];
    if (pipe2(made, O_CLOEXEC) < 0) return -errno;
    pair[0] = made[0];
    pair[1] = made[1];
    return 0;
}

int zos_event(void) {
    int result = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return result < 0 ? -errno : result;
}

/* Neither can fail in a way that matters: a full counter rings as well, an empty one is clear. */
void zos_event_ring(int event) { (void)!eventfd_write(event, 1); }

void zos_event_clear(int event) {
    eventfd_t count;
    (void)!eventfd_read(event, &count);
}

long zos_packet_send(int socket, const void *head, size_t head_length, const void *body, size_t body_length,
                     const int32_t *descriptors, uint32_t count, int flags) {
    if (count > ZOS_PACKET_DESCRIPTORS) return -E2BIG;
    struct iovec parts[2] = {{(void *)head, head_length}, {(void *)body, body_length}};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int32_t) * ZOS_PACKET_DESCRIPTORS)];
    } control;
    memset(&control, 0, sizeof control);
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = body_length > 0 ? 2 : 1};
    if (count > 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(sizeof(int32_t) * count);
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof(int32_t) * count);
        memcpy(CMSG_DATA(&control.header), descriptors, sizeof(int32_t) * count);
    }
    ssize_t sent;
    do sent = sendmsg(socket, &message, flags | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

long zos_packet_receive(int socket, void *buffer, size_t capacity, int32_t *descriptors, uint32_t *count, int flags) {
    struct iovec part = {buffer, capacity};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int32_t) * ZOS_PACKET_DESCRIPTORS)];
    } control;
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    *count = 0;
    ssize_t received;
    do received = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
    while (received < 0 && errno == EINTR);
    if (received < 0) return -errno;
    for (struct cmsghdr *item = CMSG_FIRSTHDR(&message); item; item = CMSG_NXTHDR(&message, item)) {
        if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS) continue;
        size_t bytes = item->cmsg_len - CMSG_LEN(0);
        for (size_t at = 0; at + sizeof(int32_t) <= bytes; at += sizeof(int32_t)) {
            int32_t descriptor;
            memcpy(&descriptor, CMSG_DATA(item) + at, sizeof descriptor);
            if (*count < ZOS_PACKET_DESCRIPTORS) descriptors[(*count)++] = descriptor;
            else close(descriptor);
        }
    }
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        for (uint32_t index = 0; index < *count; index++) close(descriptors[index]);
        *count = 0;
        return -EMSGSIZE;
    }
    return received;
}

int zos_close_from(uint32_t first, int cloexec) {
    return syscall(SYS_close_range, first, ~0u, cloexec ? CLOSE_RANGE_CLOEXEC : 0) < 0 ? -errno : 0;
}

int zos_duplicate(int descriptor, int minimum) {
    int result = fcntl(descriptor, F_DUPFD_CLOEXEC, minimum);
    return result < 0 ? -errno : result;
}
