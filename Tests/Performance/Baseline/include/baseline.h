#ifndef ZOS_BASELINE_H
#define ZOS_BASELINE_H
#include <stdint.h>

/** Sends `request` bytes to a forked child over a SOCK_SEQPACKET pair and gets `reply` bytes back, `count` times one
 * after the other; the nanoseconds of each go to `durations`. The child is gone when this returns. 0 or -errno. */
int bench_socketpair(uint64_t request, uint64_t reply, uint64_t count, uint64_t *durations);

/** The same with up to `window` requests on their way at a time; the nanoseconds of all together, with the
 * child's start, go to `duration`. Both
 * directions' windows have to fit into a socket's buffer, or the two wait for each other. 0 or -errno. */
int bench_pipeline(uint64_t request, uint64_t reply, uint64_t window, uint64_t count, uint64_t *duration);

/** Nanoseconds of processor time that a process has used; negative: -errno. */
int64_t bench_cpu_time(int pid);

/** Nanoseconds of a clock that only goes forward. */
uint64_t bench_now(void);

#endif
