/* Packets of any form on the worker's socket, past the worker's own code. */
#define _GNU_SOURCE
#include "hostile.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static uint8_t packet[1 << 20];

/* Sends one packet with copies of a descriptor. */
static long send_packet(const uint8_t *bytes, size_t size, int descriptor, unsigned copies) {
    struct iovec part = {(void *)bytes, size};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * 253)];
    } control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (copies) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * copies);
        struct cmsghdr *item = CMSG_FIRSTHDR(&message);
        item->cmsg_level = SOL_SOCKET;
        item->cmsg_type = SCM_RIGHTS;
        item->cmsg_len = CMSG_LEN(sizeof(int) * copies);
        for (unsigned index = 0; index < copies; index++)
            memcpy(CMSG_DATA(item) + index * sizeof(int), &descriptor, sizeof descriptor);
    }
    return sendmsg(LINK, &message, MSG_NOSIGNAL);
}

static const char *member(const char *name, int index) {
    static char key[64];
    snprintf(key, sizeof key, "%s%d", name, index);
    return key;
}

/* Packet number `index`: "bytes", "pad" more of "with", "descriptors" copies of the null device; "repeat" times, the id (8
 * bytes from the eighth on) growing by one each time if "grow". */
static long send_packets(const char *request, int index) {
    size_t size = bytes_of(request, member("bytes", index), packet, sizeof packet);
    size_t pad = (size_t)number(request, member("pad", index), 0);
    if (pad > sizeof packet - size) pad = sizeof packet - size;
    memset(packet + size, (int)number(request, member("with", index), 0), pad);
    size += pad;
    unsigned copies = (unsigned)number(request, member("descriptors", index), 0);
    long repeat = number(request, member("repeat", index), 0), grow = number(request, member("grow", index), 0);
    for (long round = 0; round < (repeat ? repeat : 1); round++) {
        if (send_packet(packet, size, 0, copies > 253 ? 253 : copies) < 0) return -1;
        uint64_t id;
        memcpy(&id, packet + 8, 8);
        id += (uint64_t)grow;
        memcpy(packet + 8, &id, 8);
    }
    return 0;
}

int attack_link(const struct attack *attack) {
    const char *request = attack->request;
    long result = 0;
    if (wants(request, "packet")) {
        /* One after the other: no answer of the worker gets between them. */
        for (int index = 0; result == 0 && index < number(request, "count", 0); index++)
            result = send_packets(request, index);
    } else if (wants(request, "silence")) {
        return 1;
    } else if (wants(request, "twice")) {
        answer(attack, "{}");
    } else if (wants(request, "close")) {
        result = close(LINK);
    } else if (wants(request, "half close")) {
        result = shutdown(LINK, (int)number(request, "side", 0));
    } else if (wants(request, "replace")) {
        int pair[2];
        result = pipe(pair) < 0 ? -1 : dup2(pair[0], LINK);
    } else if (wants(request, "steal")) {
        /* Reads the node's messages from under the worker, for ever. */
        for (;;)
            if (recv(LINK, packet, sizeof packet, 0) <= 0) poll(NULL, 0, 10);
    } else if (wants(request, "raw reply")) {
        size_t size = bytes_of(request, "reply", packet, sizeof packet);
        size_t pad = (size_t)number(request, "pad", 0);
        memset(packet + size, (int)number(request, "with", 0), pad < sizeof packet - size ? pad : 0);
        attack->done(attack->token, (int32_t)number(request, "status", 0), (zos_bytes){packet, size + pad},
                     (zos_descriptors){0, 0});
        return 1;
    } else {
        return 0;
    }
    answer_result(attack, result, errno);
    return 1;
}
