#define _GNU_SOURCE
#include "zos_sockets.h"
#include "zos_namespaces.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int zos_accept(int listener) {
    int accepted = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    return accepted < 0 ? -errno : accepted;
}

int zos_accept_now(int listener) {
    int accepted = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    return accepted < 0 ? -errno : accepted;
}

int zos_listen_in(int netns, const char *address, uint16_t port, int backlog) {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } where;
    memset(&where, 0, sizeof where);
    socklen_t size;
    if (inet_pton(AF_INET, address, &where.v4.sin_addr) == 1) {
        where.v4.sin_family = AF_INET;
        where.v4.sin_port = htons(port);
        size = sizeof where.v4;
    } else if (inet_pton(AF_INET6, address, &where.v6.sin6_addr) == 1) {
        where.v6.sin6_family = AF_INET6;
        where.v6.sin6_port = htons(port);
        size = sizeof where.v6;
    } else {
        return -EINVAL;
    }
    int family = where.any.sa_family;
    int result = zos_socket_in(netns, family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (result < 0) return result;
    int on = 1;
    if (setsockopt(result, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) goto failed;
    /* The namespace's owner may give it the address later. */
    if (family == AF_INET && setsockopt(result, IPPROTO_IP, IP_FREEBIND, &on, sizeof on) != 0) goto failed;
    if (family == AF_INET6 && (setsockopt(result, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0 ||
                               setsockopt(result, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on) != 0))
        goto failed;
    if (bind(result, &where.any, size) != 0 || listen(result, backlog) != 0) goto failed;
    return result;
failed:;
    int error = -errno;
    close(result);
    return error;
}

int zos_keep_alive(int socket) {
    int on = 1, idle = 60, interval = 20, count = 3;
    if (setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) != 0) return -errno;
    if (setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle) != 0) return -errno;
    if (setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval) != 0) return -errno;
    return setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count) != 0 ? -errno : 0;
}

int zos_address_text(const char *address, char *text) {
    unsigned char bytes[16];
    int family = inet_pton(AF_INET, address, bytes) == 1 ? AF_INET : AF_INET6;
    if (family == AF_INET6 && inet_pton(AF_INET6, address, bytes) != 1) return -EINVAL;
    return inet_ntop(family, bytes, text, INET6_ADDRSTRLEN) ? 0 : -errno;
}
