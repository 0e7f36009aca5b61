/* What handlers use: the node's services, reasons of failure, outcomes. */
#include "plugin.h"
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *zos_state(const zos_context *context) { return context->running->state; }
const char *zos_workload(const zos_context *context) { return context->workload; }

const zos_json *zos_settings(const zos_context *context) {
    return zos_member(context->running->configuration, "settings");
}

int zos_folder(const zos_context *context, const char *name, const char **path) {
    const zos_json *folder = zos_member(zos_member(context->running->configuration, "folders"), name);
    int64_t descriptor;
    if (!zos_integer(zos_member(folder, "descriptor"), &descriptor) || descriptor < 0 || descriptor > 0x7fffffff) return -1;
    if (path) *path = zos_text(zos_member(folder, "path"));
    return (int)descriptor;
}

void zos_log(const zos_context *context, uint32_t level, const char *format, ...) {
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length < 0) return;
    const zos_host *host = &context->running->host;
    host->log(host->context, level, zos_borrow(line, strlen(line)));
}

static void fail(zos_context *context, int32_t status, const char *code, const char *format, va_list arguments) {
    if (context->status) return;
    context->status = status == ZOS_STATUS_OK ? ZOS_STATUS_FAILED : status;
    snprintf(context->code, sizeof context->code, "%s", code);
    if (vsnprintf(context->message, sizeof context->message, format, arguments) < 0) context->message[0] = 0;
}

zos_json *zos_fail(zos_context *context, int32_t status, const char *format, ...) {
    static const char *const codes[] = {"failed", "failed", "invalid", "unsupported", "denied", "unavailable"};
    va_list arguments;
    va_start(arguments, format);
    fail(context, status, status >= 0 && status <= ZOS_STATUS_UNAVAILABLE ? codes[status] : "failed", format, arguments);
    va_end(arguments);
    return NULL;
}

zos_json *zos_fail_code(zos_context *context, int32_t status, const char *code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fail(context, status, code, format, arguments);
    va_end(arguments);
    return NULL;
}

int32_t zos_forget(zos_context *context) {
    int32_t status = context->status;
    context->status = 0;
    return status;
}

const char *zos_text_at(zos_context *context, const zos_json *value, const char *pointer) {
    const char *text = zos_text(zos_at(value, pointer));
    if (!text) zos_fail(context, ZOS_STATUS_INVALID, "%s must be text without zero bytes", pointer);
    return text;
}

bool zos_unsigned_at(zos_context *context, const zos_json *value, const char *pointer, uint64_t *number) {
    bool good = zos_unsigned(zos_at(value, pointer), number);
    if (!good) zos_fail(context, ZOS_STATUS_INVALID, "%s must be an integer that is not negative", pointer);
    return good;
}

zos_json *zos_ready(zos_json *result) { return zos_object("outcome", zos_string("ready"), "result", result, NULL); }
zos_json *zos_present(void) { return zos_object("outcome", zos_string("present"), NULL); }

zos_json *zos_unchanged(const char *reason) {
    return zos_object("outcome", zos_string("unchanged"), "message", zos_string(reason), NULL);
}

/* Where an answer arrives for the thread that waits for it. It lives on that thread's stack. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t arrival;
    bool there;
    int32_t status;
    zos_json *reply;
    int32_t *taken;
    uint32_t room, count;
} letterbox;

static void receive(void *token, int32_t status, zos_bytes reply, zos_descriptors descriptors) {
    letterbox *box = (letterbox *)token;
    pthread_mutex_lock(&box->lock);
    box->status = status;
    box->reply = zos_json_parse(reply.pointer, reply.length, NULL, NULL);
    for (uint32_t i = 0; descriptors.pointer && i < descriptors.count && box->count < box->room; i++) {
        int copy = fcntl(descriptors.pointer[i], F_DUPFD_CLOEXEC, 3);
        if (copy >= 0) box->taken[box->count++] = copy;
    }
    box->there = true;
    pthread_cond_signal(&box->arrival);
    /* The last touch: after this the waiting thread may take the box away. */
    pthread_mutex_unlock(&box->lock);
}

static zos_json *read_answer(zos_context *context, const char *service, letterbox *box) {
    if (box->status == ZOS_STATUS_OK) {
        if (!box->reply) zos_fail(context, ZOS_STATUS_FAILED, "the node's answer to %s cannot be read", service);
        return box->reply;
    }
    const char *code = zos_text(zos_member(box->reply, "code")), *message = zos_text(zos_member(box->reply, "message"));
    zos_fail_code(context, box->status, code ? code : "failed", "%s: %s", service, message ? message : "no reason given");
    zos_json_free(box->reply);
    return NULL;
}

zos_json *zos_call_with(
    zos_context *context, const char *service, zos_json *request, const int32_t *given, uint32_t given_count,
    int32_t *taken, uint32_t room, uint32_t *count) {
    if (count) *count = 0;
    zos_json *message = zos_object("request", request, NULL);
    if (context->workload) message = zos_set(message, "workload", zos_string(context->workload));
    size_t length;
    char *text = zos_json_write(message, &length);
    zos_json_free(message);
    if (!text) return zos_fail(context, ZOS_STATUS_FAILED, "memory is short");
    letterbox box;
    memset(&box, 0, sizeof box);
    pthread_mutex_init(&box.lock, NULL);
    pthread_cond_init(&box.arrival, NULL);
    box.taken = taken;
    box.room = taken ? room : 0;
    const zos_host *host = &context->running->host;
    zos_descriptors descriptors = {given, given ? given_count : 0};
    host->call(
        host->context, zos_borrow(service, strlen(service)), zos_borrow(text, length), descriptors, receive, &box);
    free(text);
    pthread_mutex_lock(&box.lock);
    while (!box.there) pthread_cond_wait(&box.arrival, &box.lock);
    pthread_mutex_unlock(&box.lock);
    pthread_cond_destroy(&box.arrival);
    pthread_mutex_destroy(&box.lock);
    zos_json *reply = read_answer(context, service, &box);
    if (count && reply) *count = box.count;
    for (uint32_t i = 0; (!reply || !count) && i < box.count; i++) close(taken[i]);
    return reply;
}

zos_json *zos_call(zos_context *context, const char *service, zos_json *request) {
    return zos_call_with(context, service, request, NULL, 0, NULL, 0, NULL);
}

bool zos_progress(zos_context *context, const char *message) {
    zos_json *reply = zos_call(context, "progress", zos_object("message", zos_string(message), NULL));
    bool good = reply != NULL;
    zos_json_free(reply);
    return good;
}
