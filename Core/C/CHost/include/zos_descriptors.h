#ifndef ZOS_DESCRIPTORS_H
#define ZOS_DESCRIPTORS_H
#include <stddef.h>
#include <stdint.h>

/** The most descriptors that one packet may carry. */
enum { ZOS_PACKET_DESCRIPTORS = 16 };

/** A connected pair of close-on-exec SEQPACKET sockets, blocking. */
int zos_packet_pair(int32_t pair[2]);

/** A close-on-exec pipe: reading end first. */
int zos_pipe(int32_t pair[2]);

/** A close-on-exec eventfd(2) that never blocks, for waking a thread that polls. */
int zos_event(void);
void zos_event_ring(int event);
void zos_event_clear(int event);

/** Sends one packet of two parts with copies of `count` descriptors. Never raises SIGPIPE; repeats after EINTR.
 * `flags` are MSG_*. Returns the bytes sent or -errno. */
long zos_packet_send(int socket, const void *head, size_t head_length, const void *body, size_t body_length,
                     const int32_t *descriptors, uint32_t count, int flags);

/** Receives one packet; received descriptors are close-on-exec and stored into `descriptors` (room for
 * ZOS_PACKET_DESCRIPTORS), their number into `count`. Returns its length, 0 at the end, or -errno; -EMSGSIZE
 * for a packet or a descriptor list that does not fit, whose descriptors have been closed. */
long zos_packet_receive(int socket, void *buffer, size_t capacity, int32_t *descriptors, uint32_t *count, int flags);

/** Closes, or with `cloexec` only marks, every descriptor from `first` on. */
int zos_close_from(uint32_t first, int cloexec);

/** A close-on-exec copy with a number of at least `minimum`. */
int zos_duplicate(int descriptor, int minimum);

#endif
