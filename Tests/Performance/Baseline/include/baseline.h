#ifndef ZOS_BASELINE_H
#define ZOS_BASELINE_H
#include <stdint.h>

/** Sends `request` bytes to a forked child over a SOCK_SEQPACKET pair and gets `reply` bytes back, `count` times one
 * after the other; the nanoseconds of each go to `durations`. The child is gone when this returns. 0 or -errno. */
int bench_socketpair(uint64_t request, uint64_t reply, uint64_t count, uint64_t *durations);

/** Nanoseconds of processor time that a process has used; negative: -errno. */
int64_t bench_cpu_time(int pid);

/** Nanoseconds of a clock that only goes forward. */
uint64_t bench_now(void);

#endif
