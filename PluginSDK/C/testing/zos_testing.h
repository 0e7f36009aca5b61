/* zos_testing.h: a node for a plugin's own tests. It loads the object and speaks to it through the C ABI, as the real one
 * does. Compile zos_testing.c along; needs -pthread and, on old C libraries, -ldl. Not for several threads at a time. */
#ifndef ZOS_TESTING_H
#define ZOS_TESTING_H

#include "zos.h"
#include <stdio.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct zos_harness zos_harness;

/** What the plugin answered to the last request. */
typedef struct zos_answer {
    int32_t status;
    zos_json *body; /**< NULL if it was no JSON; the harness frees it with the next request */
} zos_answer;

/** Loads the object at `path` and starts it. `configuration` is JSON text as the node passes it, NULL for none. Ends the
 * test program with a message if the object cannot be loaded; NULL if the plugin does not start. */
zos_harness *zos_harness_start(const char *path, const char *configuration);
/** Stops the plugin. Its object stays loaded. */
void zos_harness_stop(zos_harness *harness);

const zos_plugin *zos_harness_plugin(const zos_harness *harness);

/** Lets the fake node answer a service with this status and JSON text. Without, it answers UNSUPPORTED; `progress` it
 * always answers. Texts must live as long as the harness. */
void zos_harness_answer(zos_harness *harness, const char *service, int32_t status, const char *reply);
/** How often a service was asked. */
unsigned zos_harness_calls(const zos_harness *harness, const char *service);

/** Has the plugin serve an operation and waits for the answer. `request` is JSON text, or anything else. */
zos_answer zos_harness_ask(zos_harness *harness, uint32_t operation, const char *request, size_t length);
/** Serves an operation on the workload `1-2-mine` of a type, with this data (JSON text). */
zos_answer zos_harness_workload(zos_harness *harness, uint32_t operation, const char *type, const char *data);

/** The text that a pointer leads to in the answer; "" if there is none. */
const char *zos_answer_text(zos_answer answer, const char *pointer);

/** Ends the test program unless a condition holds. */
#define ZOS_EXPECT(condition)                                                                                        \
    do {                                                                                                             \
        if (!(condition)) {                                                                                          \
            fprintf(stderr, "%s:%d: expected %s\n", __FILE__, __LINE__, #condition);                                 \
            exit(1);                                                                                                 \
        }                                                                                                            \
    } while (0)

#ifdef __cplusplus
}
#endif

#endif
