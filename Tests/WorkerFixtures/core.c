/* A core in a process of its own, for tests that kill it: starts one worker, lets it load, prints its process id on a
 * line and waits. Arguments: worker program, object, launch plan, library folder. */
#define _GNU_SOURCE
#include "CHost.h"
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int sealed(const char *path) {
    int from = open(path, O_RDONLY), to = zos_memfd("x");
    char chunk[65536];
    for (ssize_t count; (count = read(from, chunk, sizeof chunk)) > 0;)
        if (write(to, chunk, (size_t)count) != count) exit(2);
    close(from);
    return to;
}

int main(int count, char **arguments) {
    if (count != 5) return 2;
    int32_t pair[2], output = open("/dev/null", O_RDWR);
    if (zos_packet_pair(pair) < 0) return 2;
    int32_t handed[] = {output, output, output, pair[1], sealed(arguments[2]), sealed(arguments[3])};
    char library[4096];
    snprintf(library, sizeof library, "LD_LIBRARY_PATH=%s", arguments[4]);
    char *list[] = {arguments[1], NULL}, *environment[] = {"SWIFT_BACKTRACE=enable=no", library, NULL};
    zos_launch launch = {.path = arguments[1],
                         .arguments = list,
                         .environment = environment,
                         .namespaces = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS,
                         .user_namespace = -1,
                         .proc = ZOS_PROC_PRIVATE,
                         .descriptor_count = 6,
                         .descriptors = handed};
    zos_launched launched;
    if (zos_launch_start(&launch, &launched) < 0) return 3;
    close(pair[1]);
    int listener = -1;
    for (;;) {
        struct pollfd waits[2] = {{pair[0], POLLIN, 0}, {listener, POLLIN, 0}};
        poll(waits, 2, -1);
        if (waits[1].revents & POLLIN) {
            zos_notification notification;
            if (zos_notify_receive(listener, &notification) == 0) zos_notify_continue(listener, notification.id);
        }
        if (!waits[0].revents) continue;
        unsigned char packet[70000];
        int32_t descriptors[ZOS_PACKET_DESCRIPTORS];
        uint32_t received = 0;
        if (zos_packet_receive(pair[0], packet, sizeof packet, descriptors, &received, 0) <= 0) return 4;
        if (received > 0) listener = descriptors[0];
        if (packet[4] == 5 && packet[6] == 1) break; /* the ready note */
        if (packet[4] == 5 && packet[6] == 3) return 5;
    }
    printf("%d\n", launched.pid);
    fflush(stdout);
    for (;;) pause();
}
