/* The functions that the node calls. */
#include "plugin.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const zos_descriptors none = {NULL, 0};

/* `start` of the C boundary has no argument that could carry it. Written by the entry function, before `start`. */
static const zos_definition *defined;

static void answer(zos_done done, void *token, int32_t status, const char *text) {
    done(token, status, zos_borrow(text, strlen(text)), none);
}

static zos_handler handler_of(const zos_definition *definition, uint32_t operation) {
    for (const zos_operation *entry = definition->operations; entry->operation; entry++)
        if (entry->operation == operation) return entry->handler;
    return NULL;
}

static void answer_failure(zos_job *job, zos_context *context) {
    if (!context->status) zos_fail(context, ZOS_STATUS_FAILED, "the plugin is short of memory");
    zos_json *body = zos_object("code", zos_string(context->code), "message", zos_string(context->message), NULL);
    char *text = zos_json_write(body, NULL);
    answer(job->done, job->token, context->status, text ? text : "{\"code\":\"memory\",\"message\":\"memory is short\"}");
    free(text);
    zos_json_free(body);
}

static void serve(zos_job *job, zos_context *context, const zos_json *request) {
    zos_handler handler = handler_of(job->running->definition, job->operation);
    const char *id = zos_text(zos_at(request, "/subject/id"));
    context->workload = id ? id : zos_text(zos_member(request, "workload"));
    if (context->workload && !*context->workload) context->workload = NULL;
    zos_json *reply = handler ? handler(context, request) : zos_fail(
        context, ZOS_STATUS_UNSUPPORTED, "this plugin knows no operation %u", job->operation);
    char *text = context->status ? NULL : zos_json_write(reply, NULL);
    if (text) answer(job->done, job->token, ZOS_STATUS_OK, text);
    else answer_failure(job, context);
    free(text);
    zos_json_free(reply);
}

void zos_job_run(zos_job *job) {
    zos_context context;
    memset(&context, 0, sizeof context);
    context.running = job->running;
    size_t offset;
    const char *reason;
    zos_json *request = zos_json_parse(job->request, job->length, &offset, &reason);
    if (request) serve(job, &context, request);
    else {
        zos_fail(&context, ZOS_STATUS_INVALID, "no valid JSON at byte %zu: %s", offset, reason ? reason : "");
        answer_failure(job, &context);
    }
    zos_json_free(request);
    free(job);
}

static void discard(zos_running *running) {
    if (!running) return;
    pthread_cond_destroy(&running->work);
    pthread_mutex_destroy(&running->lock);
    zos_json_free(running->configuration);
    free(running);
}

static int32_t start_plugin(const zos_host *host, zos_bytes configuration, void **state) {
    zos_running *running = (zos_running *)calloc(1, sizeof *running);
    if (!running || pthread_mutex_init(&running->lock, NULL)) {
        free(running);
        return ZOS_STATUS_FAILED;
    }
    pthread_cond_init(&running->work, NULL);
    running->definition = defined;
    running->host = *host;
    const char *text = configuration.length ? (const char *)configuration.pointer : "{}";
    running->configuration = zos_json_parse(text, configuration.length ? configuration.length : 2, NULL, NULL);
    zos_context context;
    memset(&context, 0, sizeof context);
    context.running = running;
    int32_t status = ZOS_STATUS_INVALID;
    if (!running->configuration) zos_log(&context, ZOS_LOG_ERROR, "the plugin's configuration is no JSON");
    else {
        status = defined->start ? defined->start(&context, &running->state) : 0;
        if (status) zos_log(&context, ZOS_LOG_ERROR, "the plugin cannot start: %s", context.message);
    }
    if (status) discard(running);
    else *state = running;
    return status;
}

static void handle_request(
    void *state, uint32_t operation, zos_bytes request, zos_descriptors descriptors, zos_done done, void *token) {
    /* No operation hands over descriptors, but whatever comes is ours to close. */
    for (uint32_t i = 0; descriptors.pointer && i < descriptors.count; i++)
        if (descriptors.pointer[i] >= 0) close(descriptors.pointer[i]);
    if (!state) {
        answer(done, token, ZOS_STATUS_FAILED, "{\"code\":\"failed\",\"message\":\"the plugin was not started\"}");
        return;
    }
    uint64_t length = request.pointer ? request.length : 0;
    zos_job *job = length < SIZE_MAX / 2 ? (zos_job *)malloc(sizeof *job + length) : NULL;
    if (job) {
        memset(job, 0, sizeof *job);
        job->running = (zos_running *)state;
        job->done = done;
        job->token = token;
        job->operation = operation;
        job->length = length;
        job->request = (uint8_t *)(job + 1);
        if (length) memcpy(job->request, request.pointer, length);
        if (zos_pool_run(job->running, job)) return;
        free(job);
    }
    answer(done, token, ZOS_STATUS_UNAVAILABLE, "{\"code\":\"busy\",\"message\":\"no memory or thread for this; try again\"}");
}

static void stop_plugin(void *state) {
    zos_running *running = (zos_running *)state;
    if (!running) return;
    zos_pool_end(running);
    if (running->definition->stop) running->definition->stop(running->state);
    discard(running);
}

/* A node of an older ABI does not see what came later. */
static uint64_t abilities_of(const zos_definition *definition, uint32_t abi) {
    uint32_t end = abi < 2 ? ZOS_OPERATION_COMPANION_EXITED + 1 : 64;
    uint64_t abilities = 0;
    for (const zos_operation *entry = definition->operations; entry->operation; entry++)
        if (entry->operation < end) abilities |= ZOS_ABILITY(entry->operation);
    return abilities;
}

const zos_plugin *zos_plugin_define(uint32_t host_abi, const zos_definition *definition) {
    static zos_plugin plugins[ZOS_PLUGIN_ABI];
    if (host_abi < 1 || host_abi > ZOS_PLUGIN_ABI) return NULL;
    zos_plugin made = {
        sizeof made, host_abi, definition->id, definition->version, abilities_of(definition, host_abi), start_plugin, handle_request,
        stop_plugin};
    defined = definition;
    plugins[host_abi - 1] = made;
    return &plugins[host_abi - 1];
}
