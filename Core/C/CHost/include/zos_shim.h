#ifndef ZOS_SHIM_H
#define ZOS_SHIM_H
/* What the node and the shim of one companion say to each other (docs/spec/plugin-runtime-facts.md section 11.3).
 *
 * The node starts the shim with these descriptors and nothing else: */
#include <stdint.h>

enum {
    ZOS_SHIM_PLAN = 3,      /**< the launch plan, below; read once from offset 0 */
    ZOS_SHIM_CONTROL = 4,   /**< a listening SEQPACKET socket */
    ZOS_SHIM_OUTPUT = 5,    /**< standard output and error of the companion: a memfd, O_APPEND */
    ZOS_SHIM_FOLDER = 6,    /**< where the status file goes */
    ZOS_SHIM_FIRST = 7,     /**< further descriptors that the plan refers to by number */
    ZOS_SHIM_DESCRIPTORS = 64, /**< descriptors at most, these included */
};

/* The plan: magic and its whole length as u32, then records: tag and length as u32, payload, zeroes up to a multiple
 * of four. Little endian. Texts end with a zero byte that is part of the length and hold no other. */
#define ZOS_SHIM_MAGIC 0x3150535au /* "ZSP1" */
#define ZOS_SHIM_PLAN_LIMIT (512u * 1024u)
#define ZOS_SHIM_NONCE 32u /* characters */

enum {
    ZOS_SHIM_TAG_NONCE = 1,         /**< text of ZOS_SHIM_NONCE characters */
    ZOS_SHIM_TAG_PROGRAM = 2,       /**< text: absolute path, seen from inside the companion's mount namespace */
    ZOS_SHIM_TAG_ARGUMENT = 3,      /**< text, repeated, argv[0] first */
    ZOS_SHIM_TAG_ENVIRONMENT = 4,   /**< text NAME=value, repeated */
    ZOS_SHIM_TAG_CGROUP = 5,        /**< u32: descriptor of a file to write "0" to; repeated */
    ZOS_SHIM_TAG_USER = 6,          /**< u32 uid, u32 gid */
    ZOS_SHIM_TAG_CAPABILITIES = 7,  /**< u32 low, u32 high: exactly these */
    ZOS_SHIM_TAG_NETWORK = 8,       /**< u32 ZOS_SHIM_NETWORK_*, u32 descriptor of the namespace or 0 */
    ZOS_SHIM_TAG_PROCESSES = 9,     /**< u32: 1 for a process namespace of its own */
    ZOS_SHIM_TAG_MOUNT = 10,        /**< u32 descriptor of a detached mount, text: where; repeated */
    ZOS_SHIM_TAG_LIMIT = 11,        /**< u32 resource, u32 low, u32 high: soft and hard limit; repeated */
    ZOS_SHIM_TAG_DESCRIPTOR = 12,   /**< u32 descriptor, u32 its number in the companion; repeated */
    ZOS_SHIM_TAG_HIDE = 14,         /**< text: a folder of the host that the companion finds empty; repeated */
    ZOS_SHIM_TAG_SECCOMP = 13,      /**< u32 ZOS_SHIM_SECCOMP_* */
};

enum { ZOS_SHIM_SECCOMP_DEFAULT = 0, ZOS_SHIM_SECCOMP_NO_EXEC = 1 };

enum { ZOS_SHIM_NETWORK_EMPTY = 0, ZOS_SHIM_NETWORK_NODE = 1, ZOS_SHIM_NETWORK_GIVEN = 2 };

/* Requests on the control socket, from a peer with the shim's own user id only. */
enum {
    ZOS_SHIM_QUERY = 1,  /**< answered by a report, with the pidfd and the output descriptor */
    ZOS_SHIM_FORGET = 2, /**< the end was noted: the shim ends, if the companion has */
};

typedef struct zos_shim_request {
    uint32_t magic;
    uint32_t operation;
} zos_shim_request;

enum { ZOS_SHIM_RUNNING = 1, ZOS_SHIM_EXITED = 2, ZOS_SHIM_NOT_STARTED = 3 };

/** Sent as answer to a query, and to every connected peer when the companion ends. */
typedef struct zos_shim_report {
    uint32_t magic;
    uint32_t state;      /**< ZOS_SHIM_RUNNING … */
    int32_t pid;         /**< in the node's process namespace */
    int32_t status;      /**< as of waitpid(2), once exited */
    uint64_t start_time; /**< field 22 of /proc/<pid>/stat */
    uint64_t uptime;     /**< milliseconds, until now or the end */
    int32_t error;       /**< errno, if it did not start */
    char step[28];       /**< what failed, if it did not start */
    char nonce[ZOS_SHIM_NONCE];
} zos_shim_report;

#endif
