#ifndef ZOS_SOCKETS_H
#define ZOS_SOCKETS_H

/** accept4(2) with SOCK_CLOEXEC: no child process can inherit the connection. A descriptor or -errno. */
int zos_accept(int listener);

#endif
