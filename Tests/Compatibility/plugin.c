/* Uses everything of zos_plugin.h that ABI 1 has, and nothing later: compiled with every released header. */
#include "zos_plugin.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#ifndef ANSWERED_ABI
#define ANSWERED_ABI ZOS_PLUGIN_ABI
#endif

static const zos_host *host;

struct question {
    zos_done done;
    void *token;
};

static zos_bytes text(const char *content) {
    return (zos_bytes){(const uint8_t *)content, strlen(content)};
}

static const zos_descriptors none;

static void *answer_elsewhere(void *argument) {
    struct question *question = argument;
    question->done(question->token, ZOS_STATUS_OK, text("{\"outcome\":\"ready\",\"result\":{\"thread\":true}}"), none);
    free(question);
    return NULL;
}

static void pass_on(void *token, int32_t status, zos_bytes reply, zos_descriptors descriptors) {
    struct question *question = token;
    (void)descriptors;
    (void)status;
    question->done(question->token, ZOS_STATUS_OK, reply, none);
    free(question);
}

static void handle(void *state, uint32_t operation, zos_bytes request, zos_descriptors descriptors, zos_done done,
                   void *token) {
    (void)state;
    struct question *question = malloc(sizeof *question);
    *question = (struct question){done, token};
    pthread_t thread;
    switch (operation) {
    case ZOS_OPERATION_PROVISION:
        pthread_create(&thread, NULL, answer_elsewhere, question);
        pthread_detach(thread);
        return;
    case ZOS_OPERATION_HEALTH:
        host->call(host->context, text("node.facts"), text("{\"request\":{}}"), none, pass_on, question);
        return;
    case ZOS_OPERATION_COMMAND: done(token, ZOS_STATUS_OK, request, descriptors); break;
    case ZOS_OPERATION_VALIDATE:
        done(token, ZOS_STATUS_INVALID, text("{\"code\":\"no\",\"message\":\"not this\"}"), none);
        break;
    default: done(token, ZOS_STATUS_UNSUPPORTED, text("{\"code\":\"unsupported\",\"message\":\"no such operation\"}"), none);
    }
    free(question);
}

static int32_t start(const zos_host *given, zos_bytes configuration, void **state) {
    (void)configuration;
    (void)state;
    if (given->size < sizeof(zos_host)) return ZOS_STATUS_FAILED;
    host = given;
    host->log(host->context, ZOS_LOG_NOTICE, text("started"));
    return 0;
}

static void stop(void *state) { (void)state; }

static const zos_plugin plugin = {
    sizeof(zos_plugin), ANSWERED_ABI, "test.compatible", "2.1.0",
    ZOS_ABILITY(ZOS_OPERATION_HEALTH) | ZOS_ABILITY(ZOS_OPERATION_COMMAND) | ZOS_ABILITY(ZOS_OPERATION_VALIDATE),
    start, handle, stop,
};

const zos_plugin *zos_plugin_entry(uint32_t abi) { return abi == ANSWERED_ABI ? &plugin : 0; }
