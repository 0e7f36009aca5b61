#ifndef ZOS_PROCESSES_H
#define ZOS_PROCESSES_H
#include <stdint.h>

/** pidfd_open(2), close-on-exec. Race-free only for a child that nobody has reaped yet. */
int zos_pidfd_open(int pid);

/** pidfd_send_signal(2). -ESRCH: it has ended. */
int zos_pidfd_signal(int pidfd, int signal);

/** A copy of descriptor `number` of that process. */
int zos_pidfd_descriptor(int pidfd, int number);

/** How a process ended. */
typedef struct zos_ended {
    int32_t code;   /**< exit code, or -1 */
    int32_t signal; /**< signal that ended it, or 0 */
} zos_ended;

/** Waits for a child by pidfd and reaps it. Returns 0 when it has ended, -EAGAIN if not yet (only with `block` 0),
 * -ECHILD if it is nobody's or another's child. */
int zos_pidfd_wait(int pidfd, int block, zos_ended *ended);

/** Makes this process the parent of orphans among its descendants. */
int zos_become_subreaper(void);

/** kill(2). */
int zos_kill(int pid, int signal);

/** The calling thread's id. */
int zos_thread_id(void);

/** Names the calling thread, at most 15 bytes. */
int zos_name_thread(const char *name);

/** Makes standard output write line by line, although it is a pipe. Before the first output only. */
void zos_output_by_line(void);

/** Writes out what standard output still holds, then ends the process without running anybody's exit handlers. */
void zos_leave(int code) __attribute__((noreturn));

/** Blocks every signal for the calling thread, so that handlers run elsewhere. */
int zos_block_signals(void);

#endif
