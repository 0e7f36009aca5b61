/* Services of the node, and netlink sockets that they hand out. */
#define _GNU_SOURCE
#include "hostile.h"
#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The latest descriptor that a service gave. */
static int kept = -1;

static void answered(void *token, int32_t status, zos_bytes reply, zos_descriptors descriptors) {
    struct attack *attack = token;
    if (descriptors.count > 0) {
        if (kept >= 0) close(kept);
        kept = dup(descriptors.pointer[0]);
    }
    char *json = malloc(reply.length + 128);
    int length = sprintf(json, "{\"status\":%d,\"descriptors\":%u,\"answer\":", status, descriptors.count);
    memcpy(json + length, reply.pointer, reply.length);
    strcpy(json + length + reply.length, "}");
    answer(attack, json);
    free(json);
    free(attack);
}

/* One message on the kept socket; the answer is the kernel's error and what it sent. */
static void talk(const struct attack *attack) {
    static uint8_t message[8192], received[32768];
    size_t size = bytes_of(attack->request, "bytes", message, sizeof message);
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    /* What an earlier request left, such as the acknowledgement after an answer. */
    while (recv(kept, received, sizeof received, MSG_DONTWAIT) >= 0) continue;
    long without = number(attack->request, "connected", 0);
    ssize_t sent = sendto(kept, message, size, 0, without ? NULL : (struct sockaddr *)&kernel,
                          without ? 0 : sizeof kernel);
    if (sent < 0) {
        answer_result(attack, -1, errno);
        return;
    }
    char *json = malloc(2 * sizeof received + 128);
    int length = sprintf(json, "{\"errno\":0,\"data\":\"");
    int error = 0;
    struct pollfd waits = {kept, POLLIN, 0};
    while (poll(&waits, 1, 300) > 0) {
        ssize_t count = recv(kept, received, sizeof received, MSG_DONTWAIT);
        if (count < (ssize_t)sizeof(struct nlmsghdr)) break;
        struct nlmsghdr *header = (struct nlmsghdr *)received;
        if (header->nlmsg_type == NLMSG_ERROR) {
            memcpy(&error, received + sizeof *header, sizeof error);
            break;
        }
        for (ssize_t at = 0; at < count && length < (int)(2 * sizeof received); at++)
            length += sprintf(json + length, "%02x", received[at]);
        break;
    }
    sprintf(json + length, "\",\"error\":%d}", -error);
    answer(attack, json);
    free(json);
}

int attack_node(const struct attack *attack) {
    const char *request = attack->request;
    if (wants(request, "service")) {
        char service[128];
        text(request, "service", service, sizeof service);
        const char *call = strstr(request, "\"call\":");
        struct attack *copy = malloc(sizeof *copy);
        *copy = *attack;
        /* The object up to the request's own last brace. */
        size_t size = call ? strlen(call + 7) - 1 : 2;
        host->call(host->context, (zos_bytes){(const uint8_t *)service, strlen(service)},
                   (zos_bytes){(const uint8_t *)(call ? call + 7 : "{}"), size}, (zos_descriptors){0, 0}, answered,
                   copy);
        return 1;
    }
    if (wants(request, "netlink")) {
        talk(attack);
        return 1;
    }
    if (wants(request, "netlink option")) {
        int value = 1;
        stamp();
        long result = setsockopt(kept, (int)number(request, "level", 0), (int)number(request, "option", 0), &value,
                                 sizeof value);
        answer_result(attack, result, errno);
        return 1;
    }
    if (wants(request, "netlink bind")) {
        struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_groups = 1};
        stamp();
        answer_result(attack, bind(kept, (struct sockaddr *)&own, sizeof own), errno);
        return 1;
    }
    return 0;
}
