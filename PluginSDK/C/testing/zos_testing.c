#include "zos_testing.h"
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

enum { SERVICES = 32, PATIENCE = 60 };

struct zos_harness {
    const zos_plugin *plugin;
    zos_host host;
    void *state;
    zos_json *body;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t arrival;
    bool there;
    int32_t status;
    struct {
        const char *name, *reply;
        int32_t status;
        unsigned calls;
    } services[SERVICES];
};

static void write_line(void *context, uint32_t level, zos_bytes message) {
    (void)context;
    fprintf(stderr, "plugin log (%u): %.*s\n", level, (int)message.length, (const char *)message.pointer);
}

/* The place of a service; the last one is for all that find no room. */
static unsigned place(zos_harness *harness, const char *name, size_t length) {
    unsigned i = 0;
    for (; i < SERVICES - 1 && harness->services[i].name; i++)
        if (strlen(harness->services[i].name) == length && memcmp(harness->services[i].name, name, length) == 0) return i;
    if (!harness->services[i].name) {
        harness->services[i].name = strndup(name, length);
        harness->services[i].status = ZOS_STATUS_UNSUPPORTED;
        harness->services[i].reply = "{\"code\":\"unsupported\",\"message\":\"the fake node has no answer for this\"}";
    }
    return i;
}

static void serve_call(
    void *context, zos_bytes service, zos_bytes request, zos_descriptors descriptors, zos_done done, void *token) {
    zos_harness *harness = (zos_harness *)context;
    zos_descriptors none = {NULL, 0};
    (void)request;
    (void)descriptors;
    pthread_mutex_lock(&harness->lock);
    unsigned i = place(harness, (const char *)service.pointer, service.length);
    harness->services[i].calls++;
    int32_t status = harness->services[i].status;
    const char *reply = harness->services[i].reply;
    pthread_mutex_unlock(&harness->lock);
    zos_bytes bytes = {(const uint8_t *)reply, strlen(reply)};
    done(token, status, bytes, none);
}

void zos_harness_answer(zos_harness *harness, const char *service, int32_t status, const char *reply) {
    pthread_mutex_lock(&harness->lock);
    unsigned i = place(harness, service, strlen(service));
    harness->services[i].status = status;
    harness->services[i].reply = reply;
    pthread_mutex_unlock(&harness->lock);
}

unsigned zos_harness_calls(const zos_harness *harness, const char *service) {
    for (unsigned i = 0; i < SERVICES && harness->services[i].name; i++)
        if (strcmp(harness->services[i].name, service) == 0) return harness->services[i].calls;
    return 0;
}

const zos_plugin *zos_harness_plugin(const zos_harness *harness) { return harness->plugin; }

static const zos_plugin *load(const char *path) {
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *symbol = object ? dlsym(object, "zos_plugin_entry") : NULL;
    if (!symbol) {
        const char *reason = dlerror();
        fprintf(stderr, "%s cannot be loaded: %s\n", path, reason ? reason : "no reason given");
        exit(1);
    }
    const zos_plugin *(*entry)(uint32_t);
    memcpy(&entry, &symbol, sizeof entry);
    const zos_plugin *plugin = entry(ZOS_PLUGIN_ABI);
    if (!plugin) {
        fprintf(stderr, "%s does not speak ABI %u\n", path, ZOS_PLUGIN_ABI);
        exit(1);
    }
    return plugin;
}

zos_harness *zos_harness_start(const char *path, const char *configuration) {
    zos_harness *harness = (zos_harness *)calloc(1, sizeof *harness);
    if (!harness) exit(1);
    harness->plugin = load(path);
    zos_host host = {sizeof host, ZOS_PLUGIN_ABI, harness, write_line, serve_call};
    harness->host = host;
    pthread_mutex_init(&harness->lock, NULL);
    pthread_cond_init(&harness->arrival, NULL);
    zos_harness_answer(harness, "progress", ZOS_STATUS_OK, "{}");
    const char *text = configuration ? configuration : "{\"settings\":{},\"folders\":{}}";
    zos_bytes bytes = {(const uint8_t *)text, strlen(text)};
    if (harness->plugin->start(&harness->host, bytes, &harness->state) == 0) return harness;
    harness->plugin = NULL;
    zos_harness_stop(harness);
    return NULL;
}

void zos_harness_stop(zos_harness *harness) {
    if (harness->plugin) harness->plugin->stop(harness->state);
    zos_json_free(harness->body);
    for (unsigned i = 0; i < SERVICES; i++) free((void *)harness->services[i].name);
    pthread_cond_destroy(&harness->arrival);
    pthread_mutex_destroy(&harness->lock);
    free(harness);
}

static void take_answer(void *token, int32_t status, zos_bytes reply, zos_descriptors descriptors) {
    zos_harness *harness = (zos_harness *)token;
    (void)descriptors;
    pthread_mutex_lock(&harness->lock);
    ZOS_EXPECT(!harness->there); /* one answer each */
    harness->there = true;
    harness->status = status;
    harness->body = zos_json_parse(reply.pointer, reply.length, NULL, NULL);
    pthread_cond_signal(&harness->arrival);
    pthread_mutex_unlock(&harness->lock);
}

zos_answer zos_harness_ask(zos_harness *harness, uint32_t operation, const char *request, size_t length) {
    zos_bytes bytes = {(const uint8_t *)request, length};
    zos_descriptors none = {NULL, 0};
    zos_json_free(harness->body);
    harness->body = NULL;
    harness->there = false;
    harness->plugin->handle(harness->state, operation, bytes, none, take_answer, harness);
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += PATIENCE;
    pthread_mutex_lock(&harness->lock);
    while (!harness->there) ZOS_EXPECT(pthread_cond_timedwait(&harness->arrival, &harness->lock, &end) == 0);
    zos_answer answer = {harness->status, harness->body};
    pthread_mutex_unlock(&harness->lock);
    return answer;
}

zos_answer zos_harness_workload(zos_harness *harness, uint32_t operation, const char *type, const char *data) {
    static const char form[] = "{\"subject\":{\"id\":\"1-2-mine\",\"twin\":1,\"contract\":2,\"name\":\"mine\",\"type\":\"%s\","
                               "\"version\":0,\"data\":%s},\"paused\":false,\"previous\":{}}";
    size_t room = sizeof form + strlen(type) + strlen(data);
    char *request = (char *)malloc(room);
    if (!request) exit(1);
    int length = snprintf(request, room, form, type, data);
    zos_answer answer = zos_harness_ask(harness, operation, request, (size_t)length);
    free(request);
    return answer;
}

const char *zos_answer_text(zos_answer answer, const char *pointer) {
    const char *text = zos_text(zos_at(answer.body, pointer));
    return text ? text : "";
}
