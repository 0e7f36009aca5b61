#define _GNU_SOURCE
#include "zos_sockets.h"
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

int zos_accept(int listener) {
    int accepted = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    return accepted < 0 ? -errno : accepted;
}
