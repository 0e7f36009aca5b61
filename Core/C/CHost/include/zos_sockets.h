#ifndef ZOS_SOCKETS_H
#define ZOS_SOCKETS_H

/** accept4(2) with SOCK_CLOEXEC: no child process can inherit the connection. A descriptor or -errno. */
int zos_accept(int listener);

#include <stdint.h>

/** The same without blocking, for the accepted connection too. -EAGAIN: nobody waits. */
int zos_accept_now(int listener);

/** A non-blocking TCP socket that listens on `address` (IPv4 or IPv6 in digits, no name, no zone) inside the network
 * namespace `netns`, whether or not the address is there yet. -EINVAL for another text, -EADDRINUSE. */
int zos_listen_in(int netns, const char *address, uint16_t port, int backlog);

/** Asks the kernel to notice peers that are gone: a probe after a minute of silence, given up after three. */
int zos_keep_alive(int socket);

/** The usual spelling of an address in digits into `text` (room for 46 bytes). 0, or -EINVAL if it is none. */
int zos_address_text(const char *address, char *text);

#endif
