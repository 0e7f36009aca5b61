/* zos.h: what the author of a workload type in C or C++ works with. Sources: the .c files beside this folder; they need
 * nothing but the C library and threads (-pthread).
 *
 *     static zos_json *provision(zos_context *context, const zos_json *request) {
 *         const char *name = zos_text_at(context, request, "/subject/data/name");
 *         if (!name) return NULL;
 *         return zos_ready(zos_object("greeting", zos_format("hello, %s", name), NULL));
 *     }
 *     static zos_json *deprovision(zos_context *context, const zos_json *request) { return zos_object(NULL); }
 *
 *     static const zos_operation operations[] = {
 *         {ZOS_OPERATION_PROVISION, provision}, {ZOS_OPERATION_DEPROVISION, deprovision}, {0, NULL}};
 *     ZOS_PLUGIN("org.example.hello", "1.0.0", operations, NULL, NULL)
 *
 * Requests and replies have the shapes of the plugin protocol. Handlers run on threads of the plugin's own, at most 16 at
 * a time, so they may wait. A function that cannot get memory returns NULL, and NULL handed on stays NULL: it is enough
 * that the handler returns what it got.
 */
#ifndef ZOS_H
#define ZOS_H

#include "zos_plugin.h"
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- JSON ------------------------------------------------------------------------------------------------------- */

typedef struct zos_json zos_json;

typedef enum { ZOS_NULL, ZOS_BOOL, ZOS_NUMBER, ZOS_STRING, ZOS_ARRAY, ZOS_OBJECT } zos_kind;

/** Objects and lists inside each other, the root counting 1. */
#define ZOS_JSON_DEPTH 128
/** Values in one text: bounds the memory that a hostile text can take to some 20 MiB. */
#define ZOS_JSON_VALUES 262144

/** Reads JSON: valid UTF-8, no repeated members, nothing after the value. NULL if it is none or memory is short, with the
 * place in `*offset` and the reason in `*reason` (constant text), both of which may be NULL. */
zos_json *zos_json_parse(const void *text, size_t length, size_t *offset, const char **reason);

/** Writes compact JSON with a zero byte at the end, to be freed with free(). Bytes that are no UTF-8 become U+FFFD. */
char *zos_json_write(const zos_json *value, size_t *length);

/** Frees a value that is not part of another. NULL is fine. */
void zos_json_free(zos_json *value);

/** A copy with everything inside. */
zos_json *zos_json_copy(const zos_json *value);

zos_kind zos_json_kind(const zos_json *value); /**< ZOS_NULL for NULL */

/** A member of an object; NULL if there is none or it is no object. */
const zos_json *zos_member(const zos_json *object, const char *name);
/** What a JSON pointer (RFC 6901) leads to; NULL if nothing. */
const zos_json *zos_at(const zos_json *value, const char *pointer);
/** Elements and members in order: the first one inside, and the next beside it. */
const zos_json *zos_first(const zos_json *value);
const zos_json *zos_next(const zos_json *value);
/** The name of a member; NULL for others. May hold zero bytes when the text escapes them. */
const char *zos_name(const zos_json *member, size_t *length);

/** The text; NULL if it is no text or has a zero byte inside, so that it never reads shorter than it is. */
const char *zos_text(const zos_json *value);
/** The text with its length, zero bytes and all; NULL if it is no text. */
const char *zos_bytes_of(const zos_json *value, size_t *length);
/** Exact integers: false if it is none or does not fit. */
bool zos_unsigned(const zos_json *value, uint64_t *number);
bool zos_integer(const zos_json *value, int64_t *number);
/** The truth value, `otherwise` if it is none. */
bool zos_bool(const zos_json *value, bool otherwise);

/** Values to build replies from; to be freed or put into another, which then owns them. */
zos_json *zos_null(void);
zos_json *zos_boolean(bool value);
zos_json *zos_number(int64_t number);
zos_json *zos_number_unsigned(uint64_t number);
zos_json *zos_string(const char *text);
/** A text made as by printf. */
zos_json *zos_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** An object of names and values in turn, ended by NULL. Takes the values, also when it returns NULL. */
zos_json *zos_object(const char *name, ...);
zos_json *zos_array(void);
/** Adds to an object or list and takes `value`. With NULL for any of them, frees the others and returns NULL. */
zos_json *zos_set(zos_json *object, const char *name, zos_json *value);
zos_json *zos_append(zos_json *array, zos_json *value);

/* ---- Plugins ---------------------------------------------------------------------------------------------------- */

/** What a handler works with while it serves one request. */
typedef struct zos_context zos_context;

/** Serves one operation: returns the reply, which is then freed, or NULL after zos_fail(). */
typedef zos_json *(*zos_handler)(zos_context *context, const zos_json *request);

typedef struct zos_operation {
    uint32_t operation; /**< ZOS_OPERATION_*; 0 ends a table */
    zos_handler handler;
} zos_operation;

/** Starts the plugin: `*state` is what zos_state() returns later. Returns 0, or a status after zos_fail(). Calls to the
 * node are not answered yet. */
typedef int32_t (*zos_starter)(zos_context *context, void **state);
typedef void (*zos_stopper)(void *state);

/** Everything about a plugin that does not change. */
typedef struct zos_definition {
    const char *id;
    const char *version;
    const zos_operation *operations;
    zos_starter start; /**< may be NULL */
    zos_stopper stop;  /**< may be NULL */
} zos_definition;

/** The body of the entry function. */
const zos_plugin *zos_plugin_define(uint32_t host_abi, const zos_definition *definition);

/** Exports the plugin. Abilities follow from the table. */
#define ZOS_PLUGIN(id, version, operations, start, stop)                                                              \
    __attribute__((visibility("default"))) const zos_plugin *zos_plugin_entry(uint32_t host_abi) {                    \
        static const zos_definition definition = {id, version, operations, start, stop};                              \
        return zos_plugin_define(host_abi, &definition);                                                              \
    }

/** What the starter has put there. */
void *zos_state(const zos_context *context);
/** The id of the workload that the request is about; NULL if about none. */
const char *zos_workload(const zos_context *context);
/** The operator's settings for the plugin. */
const zos_json *zos_settings(const zos_context *context);
/** The descriptor of a folder that the manifest asks for, never to be closed; -1 if there is none. Its path in `*path`,
 * which may be NULL. */
int zos_folder(const zos_context *context, const char *name, const char **path);
/** Writes a line to the node's log. Never put secrets into it. */
void zos_log(const zos_context *context, uint32_t level, const char *format, ...) __attribute__((format(printf, 3, 4)));

/** Says why a request fails: a ZOS_STATUS_* other than OK, and a sentence for the user of at most 1,023 bytes. Returns
 * NULL, so that a handler can end with it. The first reason stays. */
zos_json *zos_fail(zos_context *context, int32_t status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** The same with a stable word for programs, of at most 63 bytes. */
zos_json *zos_fail_code(zos_context *context, int32_t status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/** Forgets a reason, for those who go another way. Returns the status that it had, 0 if none. */
int32_t zos_forget(zos_context *context);

/** What a pointer leads to if it is text without zero bytes; otherwise fails as invalid, naming the pointer. */
const char *zos_text_at(zos_context *context, const zos_json *value, const char *pointer);
/** The same for integers. */
bool zos_unsigned_at(zos_context *context, const zos_json *value, const char *pointer, uint64_t *number);

/** Outcomes of provision and update. Add `state` and `exports` with zos_set(). */
zos_json *zos_ready(zos_json *result);
zos_json *zos_present(void);
zos_json *zos_unchanged(const char *reason);

/** Asks a service of the node for the request's workload and waits for the answer. Takes `request`, an object. NULL after
 * a failure, which zos_fail() then has. */
zos_json *zos_call(zos_context *context, const char *service, zos_json *request);
/** The same with descriptors in both directions: `given` stay the caller's; of those that come at most `room` are put
 * into `taken`, to be closed by the caller, and their number into `*count`. */
zos_json *zos_call_with(
    zos_context *context, const char *service, zos_json *request, const int32_t *given, uint32_t given_count,
    int32_t *taken, uint32_t room, uint32_t *count);
/** Shows the user how far a request is. False after a failure. */
bool zos_progress(zos_context *context, const char *message);

#ifdef __cplusplus
}
#endif

#endif
