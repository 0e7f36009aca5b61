/* zos_plugin.h: the only contract between the node and a plugin. Plain C, bytes only.
 *
 * A plugin is a shared object that exports one symbol, `zos_plugin_entry`. The node loads it in a sandboxed process of
 * its own, so everything here happens inside that process; what crosses to the node are bytes and descriptors.
 *
 * Rules
 *  - Every struct starts with its size; new fields go at the end; a released field never changes meaning.
 *  - Memory that is passed is borrowed: it is valid for the duration of the call that passes it, never longer.
 *  - Descriptors passed to `handle` belong to the plugin, which closes them. Descriptors passed to `done` or to
 *    `call` are duplicated by the callee; the caller closes its own.
 *  - Payloads are JSON text, UTF-8, without byte order mark. Their shapes: docs/spec/plugin-protocol.md.
 *  - Any function may be called from any thread. `handle` must not block for long: answer later, through `done`.
 */
#ifndef ZOS_PLUGIN_H
#define ZOS_PLUGIN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if !defined(__clang__)
#define _Nullable
#define _Nonnull
#endif

/** The version of this header. The node speaks this one and the one before it (docs/abi.md). */
#define ZOS_PLUGIN_ABI 2u

typedef struct zos_bytes {
    const uint8_t *_Nullable pointer; /**< may be NULL when length is 0 */
    uint64_t length;
} zos_bytes;

typedef struct zos_descriptors {
    const int32_t *_Nullable pointer; /**< may be NULL when count is 0 */
    uint32_t count;                   /**< at most 16 */
} zos_descriptors;

/** Operations of `handle`. An unknown number is answered with ZOS_STATUS_UNSUPPORTED. */
enum {
    ZOS_OPERATION_INITIALIZE = 1,
    ZOS_OPERATION_VALIDATE = 2,
    ZOS_OPERATION_CAPACITY = 3,
    ZOS_OPERATION_REFERENCES = 4,
    ZOS_OPERATION_PROVISION = 5,
    ZOS_OPERATION_UPDATE = 6,
    ZOS_OPERATION_PAUSE = 7,
    ZOS_OPERATION_RESUME = 8,
    ZOS_OPERATION_DEPROVISION = 9,
    ZOS_OPERATION_COMMAND = 10,
    ZOS_OPERATION_HEALTH = 11,
    ZOS_OPERATION_COMPANION_EXITED = 12,
    /* Since ABI 2 */
    ZOS_OPERATION_METRICS = 13,
    ZOS_OPERATION_RECOVER = 14,
    ZOS_OPERATION_MIGRATE = 15,
    ZOS_OPERATION_TIMER = 16,
};

/** Abilities: which operations beyond provision and deprovision the plugin has (bit = 1 << operation). */
#define ZOS_ABILITY(operation) (UINT64_C(1) << (operation))

/** Statuses of a reply. Anything but OK carries {"code": text, "message": text} as payload. */
enum {
    ZOS_STATUS_OK = 0,
    ZOS_STATUS_FAILED = 1,      /**< the operation was tried and failed */
    ZOS_STATUS_INVALID = 2,     /**< the request is wrong; trying again cannot help */
    ZOS_STATUS_UNSUPPORTED = 3, /**< no such operation, type or service */
    ZOS_STATUS_DENIED = 4,      /**< the manifest does not entitle the plugin to it */
    ZOS_STATUS_UNAVAILABLE = 5, /**< not now; trying again may help */
};

/** Log levels of `zos_host.log`. */
enum { ZOS_LOG_DEBUG = 0, ZOS_LOG_INFO = 1, ZOS_LOG_NOTICE = 2, ZOS_LOG_WARNING = 3, ZOS_LOG_ERROR = 4 };

/** Answers one request. Called exactly once per request, from any thread, also before the request function returns. */
typedef void (*zos_done)(void *_Nullable token, int32_t status, zos_bytes reply, zos_descriptors descriptors);

/** What the node offers to the plugin. Valid from `start` until after `stop`. */
typedef struct zos_host {
    uint32_t size; /**< sizeof(zos_host) of the node */
    uint32_t abi;  /**< the ABI version in use */
    void *_Nullable context;
    /** Writes a line to the node's log. `message` is text; never put secrets into it. */
    void (*_Nonnull log)(void *_Nullable context, uint32_t level, zos_bytes message);
    /** Asks a brokered service of the node. `service` is its name, `request` is {"workload": id or absent, "request":
     * object}. `done` gets the reply. */
    void (*_Nonnull call)(void *_Nullable context, zos_bytes service, zos_bytes request, zos_descriptors descriptors,
                          zos_done _Nonnull done, void *_Nullable token);
} zos_host;

/** What a plugin is. Constant for the life of the process. */
typedef struct zos_plugin {
    uint32_t size; /**< sizeof(zos_plugin) of the plugin */
    uint32_t abi;  /**< the ABI version that the plugin was written for */
    const char *_Nonnull id;      /**< as in the manifest */
    const char *_Nonnull version; /**< as in the manifest */
    uint64_t abilities;           /**< ZOS_ABILITY bits */
    /** Starts the plugin. `configuration` is JSON from the operator. Returns 0, or a status with nothing started. */
    int32_t (*_Nonnull start)(const zos_host *_Nonnull host, zos_bytes configuration, void *_Nullable *_Nonnull state);
    /** Serves one operation; answers through `done`, inline or later. */
    void (*_Nonnull handle)(void *_Nullable state, uint32_t operation, zos_bytes request, zos_descriptors descriptors,
                            zos_done _Nonnull done, void *_Nullable token);
    /** Ends the plugin; no request is open any more. */
    void (*_Nonnull stop)(void *_Nullable state);
} zos_plugin;

/** The one exported symbol. Returns NULL if the plugin does not speak `host_abi`, else a description whose `abi` is
 * `host_abi`. The node asks for its newest version first. It may also ask for versions that it does not speak, to say
 * which ones the plugin does: such an answer is not used. */
const zos_plugin *_Nullable zos_plugin_entry(uint32_t host_abi);

#ifdef __cplusplus
}
#endif

#endif
